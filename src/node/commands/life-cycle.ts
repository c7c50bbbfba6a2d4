import type { Clock } from '../../kit/index.ts';
import {
  type AppState,
  domainEvent,
  isGone,
  type OfficeState,
  type PlacementState,
  placementsOf,
  versionInPlace,
} from '../../state/index.ts';
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
  tools: LifeCycleTools,
  asker: Asker,
  uuid: string,
  wanted: LifeCycleRequest,
  { data = false }: { readonly data?: boolean } = {},
): Promise<void> {
  return tools.commands.run(async () => {
    requireInForce(asker.principal);
    const app = appOfOffice(tools.live.office, asker, uuid);
    const told = toBeTold(tools.live.office, app, wanted, data);
    const said = { actor: asker.principal.actor, idOf: (purpose: string) => idFor(asker, purpose) };
    await tell(tools, app, { wanted, data }, told, said);
  });
}

export interface LifeCycleTools {
  readonly live: LiveState;
  readonly commands: CommandQueue;
  readonly clock: Clock;
}

/** Who says it, and the ids of what follows. */
export interface Said {
  readonly actor: string;
  /** @param purpose what the id is for */
  idOf(purpose: string): string;
}

/** Whom a request concerns. */
interface ToBeTold {
  /** Static files alone: there is no host to tell. */
  readonly isAlone: boolean;
  readonly placements: readonly PlacementState[];
}

/** @throws app_not_ready when nothing is deployed; nothing_to_run */
export function toBeTold(
  office: OfficeState,
  app: AppState,
  wanted: LifeCycleRequest,
  data: boolean,
): ToBeTold {
  const isAlone = versionInPlace(office, app)?.assets?.alone ?? false;
  if (isAlone && wanted !== 'purge') throw nothingToRun(app, wanted);
  // Asked for twice it may be: the hosts do it once more.
  const hasStored = data && [...app.versions.values()].some(({ runtime }) => runtime.data_mb !== undefined);
  const placements = (hasStored ? [...app.placements.values()] : placementsOf(app)).filter(
    ({ assignment }) => hasStored || !(wanted === 'purge' ? assignment.purged : isGone(assignment)),
  );
  if (placements.length === 0 && !isAlone) throw notDeployed(app.uuid, app.placements.size !== 0);
  return { isAlone, placements };
}

/** Tells them. Inside the command queue. */
export async function tell(
  { commands, clock }: LifeCycleTools,
  { uuid, office, inPlace }: AppState,
  { wanted, data }: { readonly wanted: LifeCycleRequest; readonly data: boolean },
  { isAlone, placements }: ToBeTold,
  { actor, idOf }: Said,
): Promise<void> {
  if (isAlone) {
    const context = { actor, source: '/node', office, id: idOf(`take down ${uuid}`), clock };
    await commands.append(
      domainEvent('app_taken_down', { app: uuid, deployment_id: inPlace ?? '' }, context),
    );
  }
  for (const { assignment } of placements) {
    const { supervisor } = assignment;
    // by host: a request that was cut off between two of them is repeated for the rest
    const id = idOf(`${wanted}${data ? ' with data' : ''} ${uuid} on ${supervisor}`);
    const context = { actor, source: '/node', office, id, clock };
    const subject = { app: uuid, supervisor };
    await commands.append(
      wanted === 'purge'
        ? domainEvent('app_purge_requested', { ...subject, data }, context)
        : domainEvent(`app_${wanted}_requested`, subject, context),
    );
  }
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
