import type { Clock } from '../../kit/index.ts';
import { type AppState, domainEvent, isGone, placementsOf, versionInPlace } from '../../state/index.ts';
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
 * Static files alone have no host: a purge takes them down, all else means nothing to them.
 *
 * @param data of a purge: what the app has stored is removed as well, also from hosts that it has left
 * @throws app_unknown; app_not_ready when nothing is deployed; nothing_to_run
 */
export function requestLifeCycle(
  tools: { readonly live: LiveState; readonly commands: CommandQueue; readonly clock: Clock },
  asker: Asker,
  uuid: string,
  wanted: LifeCycleRequest,
  { data = false }: { readonly data?: boolean } = {},
): Promise<void> {
  const { live, commands, clock } = tools;
  return commands.run(async () => {
    requireInForce(asker.principal);
    const app = appOfOffice(live.office, asker, uuid);
    const isAlone = versionInPlace(live.office, app)?.assets?.alone ?? false;
    if (isAlone && wanted !== 'purge') throw nothingToRun(app, wanted);
    // Asked for twice it may be: the hosts do it once more.
    const hasStored = data && [...app.versions.values()].some(({ runtime }) => runtime.data_mb !== undefined);
    const placements = (hasStored ? [...app.placements.values()] : placementsOf(app)).filter(
      ({ assignment }) => hasStored || !(wanted === 'purge' ? assignment.purged : isGone(assignment)),
    );
    if (placements.length === 0 && !isAlone) throw notDeployed(uuid, app.placements.size !== 0);
    const { actor, office } = asker.principal;
    if (isAlone) {
      const context = { actor, source: '/node', office, id: idFor(asker, `take down ${uuid}`), clock };
      const data = { app: uuid, deployment_id: app.inPlace ?? '' };
      await commands.append(domainEvent('app_taken_down', data, context));
    }
    for (const { assignment } of placements) {
      const { supervisor } = assignment;
      // by host: a request that was cut off between two of them is repeated for the rest
      const id = idFor(asker, `${wanted}${data ? ' with data' : ''} ${uuid} on ${supervisor}`);
      const context = { actor, source: '/node', office, id, clock };
      const subject = { app: uuid, supervisor };
      await commands.append(
        wanted === 'purge'
          ? domainEvent('app_purge_requested', { ...subject, data }, context)
          : domainEvent(`app_${wanted}_requested`, subject, context),
      );
    }
  });
}

function nothingToRun({ slug }: AppState, wanted: LifeCycleRequest) {
  return nodeError('nothing_to_run', {
    what: `There is nothing to ${wanted} of '${slug}'`,
    why: 'it is static files alone, which the office serves without starting anything',
    hint: `To take it down: \`tabbify purge ${slug}\`. To show other files: push them`,
  });
}

function notDeployed(uuid: string, wasPurged: boolean) {
  return nodeError('app_not_ready', {
    what: `The app ${uuid} is not deployed`,
    ...(wasPurged && { why: 'it was purged' }),
    hint: 'Deploy it with `tabbify deploy`, or push it again',
  });
}
