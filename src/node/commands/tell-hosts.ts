import { type Clock, derivedId } from '../../kit/index.ts';
import { appsOf, domainEvent } from '../../state/index.ts';
import type { LiveState } from '../live-state.ts';
import type { CommandQueue } from './command-queue.ts';

interface TellTools {
  readonly live: LiveState;
  readonly commands: CommandQueue;
  readonly clock: Clock;
}

/**
 * Has the hosts of an app look up what it may do now. Inside the command queue, behind the event that changed it.
 *
 * @param cause id of that event
 */
export async function tellHosts(
  { live, commands, clock }: TellTools,
  uuid: string | null,
  cause: string,
): Promise<void> {
  const app = live.office.apps.get(uuid ?? '');
  if (app === undefined) return;
  for (const { assignment } of app.placements.values()) {
    if (assignment.purged) continue;
    const { supervisor } = assignment;
    const context = { actor: 'system', source: '/node', office: app.office, causationid: cause, clock };
    const id = derivedId(cause, `app_grant_changed of ${app.uuid} on ${supervisor}`);
    await commands.append(
      domainEvent('app_grant_changed', { app: app.uuid, supervisor }, { ...context, id }),
    );
  }
}

/**
 * The same for all apps of an office that were granted to call one of these names: another app has it now, or none, or one again.
 *
 * @param cause id of the event that changed who has them
 */
export async function tellCallers(
  tools: TellTools,
  office: string,
  slugs: readonly string[],
  cause: string,
): Promise<void> {
  const lines = new Set(slugs.map((slug) => `http:app:${slug}`));
  for (const { uuid, grants } of appsOf(tools.live.office, office)) {
    if ([...grants.values()].some(({ capability }) => lines.has(capability)))
      await tellHosts(tools, uuid, cause);
  }
}
