import type { Clock } from '../../kit/index.ts';
import { domainEvent } from '../../state/index.ts';
import { requireInForce } from '../credentials/principal.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import { appOfOffice } from './app-of-office.ts';
import type { CommandQueue } from './command-queue.ts';
import { type Asker, idFor } from './idempotency.ts';

/**
 * Asks the app's host to start it (and pins it) or to stop it; the host follows the log.
 *
 * @throws app_unknown; app_not_ready when nothing is deployed
 */
export function requestRunning(
  tools: { readonly live: LiveState; readonly commands: CommandQueue; readonly clock: Clock },
  asker: Asker,
  uuid: string,
  wanted: 'start' | 'stop',
): Promise<void> {
  const { live, commands, clock } = tools;
  return commands.run(async () => {
    requireInForce(asker.principal);
    const { assignment } = appOfOffice(live.office, asker, uuid);
    if (assignment === null) {
      throw nodeError('app_not_ready', {
        what: `The app ${uuid} is not deployed`,
        hint: 'Deploy it with `tabbify deploy`, or push it again',
      });
    }
    const type = wanted === 'start' ? 'app_start_requested' : 'app_stop_requested';
    const { actor, office } = asker.principal;
    const context = { actor, source: '/node', office, id: idFor(asker, `${wanted} ${uuid}`), clock };
    await commands.append(domainEvent(type, { app: uuid, supervisor: assignment.supervisor }, context));
  });
}
