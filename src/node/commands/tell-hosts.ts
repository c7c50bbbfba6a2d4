import { type Clock, derivedId } from '../../kit/index.ts';
import { domainEvent } from '../../state/index.ts';
import type { LiveState } from '../live-state.ts';
import type { CommandQueue } from './command-queue.ts';

/**
 * Has the hosts of an app look up what it may do now. Inside the command queue, behind the event that changed it.
 *
 * @param cause id of that event
 */
export async function tellHosts(
  {
    live,
    commands,
    clock,
  }: { readonly live: LiveState; readonly commands: CommandQueue; readonly clock: Clock },
  uuid: string | null,
  cause: string,
): Promise<void> {
  const app = live.office.apps.get(uuid ?? '');
  if (app === undefined) return;
  for (const { assignment } of app.placements.values()) {
    if (assignment.purged) continue;
    const { supervisor } = assignment;
    const context = { actor: 'system', source: '/node', office: app.office, causationid: cause, clock };
    const id = derivedId(cause, `app_grant_changed on ${supervisor}`);
    await commands.append(
      domainEvent('app_grant_changed', { app: app.uuid, supervisor }, { ...context, id }),
    );
  }
}
