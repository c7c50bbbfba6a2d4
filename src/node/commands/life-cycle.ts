import type { Clock } from '../../kit/index.ts';
import { domainEvent, isGone, placementsOf } from '../../state/index.ts';
import { requireInForce } from '../credentials/principal.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import { appOfOffice } from './app-of-office.ts';
import type { CommandQueue } from './command-queue.ts';
import { type Asker, idFor } from './idempotency.ts';

export type LifeCycleRequest = 'start' | 'stop' | 'restart' | 'reset' | 'purge';

/**
 * Asks the app's hosts to start it (and pin it), to stop it, to start it anew, to forget its failures, or to remove what
 * they keep of it; each host follows the log.
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
    // Asked for twice it may be: the hosts do it once more.
    const placements = placementsOf(appOfOffice(live.office, asker, uuid)).filter(
      ({ assignment }) => !(wanted === 'purge' ? assignment.purged : isGone(assignment)),
    );
    if (placements.length === 0) throw notDeployed(uuid, live.office.apps.get(uuid)?.placements.size !== 0);
    const { actor, office } = asker.principal;
    for (const { assignment } of placements) {
      const { supervisor } = assignment;
      // by host: a request that was cut off between two of them is repeated for the rest
      const id = idFor(asker, `${wanted} ${uuid} on ${supervisor}`);
      const context = { actor, source: '/node', office, id, clock };
      await commands.append(domainEvent(`app_${wanted}_requested`, { app: uuid, supervisor }, context));
    }
  });
}

function notDeployed(uuid: string, wasPurged: boolean) {
  return nodeError('app_not_ready', {
    what: `The app ${uuid} is not deployed`,
    ...(wasPurged && { why: 'it was purged' }),
    hint: 'Deploy it with `tabbify deploy`, or push it again',
  });
}
