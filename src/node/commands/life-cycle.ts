import type { Clock } from '../../kit/index.ts';
import { domainEvent, isGone } from '../../state/index.ts';
import { requireInForce } from '../credentials/principal.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import { appOfOffice } from './app-of-office.ts';
import type { CommandQueue } from './command-queue.ts';
import { type Asker, idFor } from './idempotency.ts';

export type LifeCycleRequest = 'start' | 'stop' | 'restart' | 'reset' | 'purge';

/**
 * Asks the app's host to start it (and pin it), to stop it, to start it anew, to forget its failures, or to remove what
 * it keeps of it; the host follows the log.
 *
 * @throws app_unknown; app_not_ready when nothing is deployed
 */
export function requestLifeCycle(
  tools: { readonly live: LiveState; readonly commands: CommandQueue; readonly clock: Clock },
  asker: Asker,
  uuid: string,
  wanted: LifeCycleRequest,
): Promise<void> {
  const { live, commands, clock } = tools;
  return commands.run(async () => {
    requireInForce(asker.principal);
    const { assignment } = appOfOffice(live.office, asker, uuid);
    // Asked for twice it may be: the host does it once more.
    const isOver = assignment !== null && (wanted === 'purge' ? assignment.purged : isGone(assignment));
    if (assignment === null || isOver) {
      throw nodeError('app_not_ready', {
        what: `The app ${uuid} is not deployed`,
        ...(assignment !== null && { why: 'it was purged' }),
        hint: 'Deploy it with `tabbify deploy`, or push it again',
      });
    }
    const { actor, office } = asker.principal;
    const context = { actor, source: '/node', office, id: idFor(asker, `${wanted} ${uuid}`), clock };
    const data = { app: uuid, supervisor: assignment.supervisor };
    await commands.append(domainEvent(`app_${wanted}_requested`, data, context));
  });
}
