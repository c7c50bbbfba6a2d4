import { versionPrefix } from '../artifacts/index.ts';
import {
  type AppState,
  appBySlug,
  mayBePublic,
  type OfficeState,
  type PlacementState,
  rotationOf,
  type VersionState,
  versionInPlace,
} from '../state/index.ts';
import type { AppDirectory, AppPlaces, EdgeApp, ServedFiles } from './edge/app-directory.ts';
import { nodeError } from './errors.ts';
import type { LiveState } from './live-state.ts';
import { withRetryAfter } from './retry-after.ts';
import type { Presences } from './supervisors/presences.ts';
import type { SupervisorClient } from './supervisors/supervisor-client.ts';

/** The apps of all offices as the edge sees them, read from the state. */
export function appDirectory(office: OfficeState): AppDirectory {
  return {
    byId: (id) => edgeApp(office, office.apps.get(id)),
    bySlug: (slug, of) => edgeApp(office, appBySlug(office, slug, of) ?? undefined),
  };
}

function edgeApp(office: OfficeState, app: AppState | undefined): EdgeApp | undefined {
  if (app === undefined) return undefined;
  const inPlace = versionInPlace(office, app);
  const visibility = mayBePublic(app) ? saidBy(app, inPlace) : 'private';
  const files = inPlace === null ? null : servedFiles(app, inPlace);
  return { id: app.uuid, slug: app.slug, office: app.office, visibility, files };
}

function saidBy(app: AppState, inPlace: VersionState | null): 'private' | 'public' {
  return inPlace?.assets?.alone ? inPlace.visibility : visibilityOf(app, inPlace);
}

/** A version never changes, and neither does the object that stands for it. */
const served = new WeakMap<VersionState, ServedFiles>();

function servedFiles(app: AppState, version: VersionState): ServedFiles | null {
  const { assets, digest, publishedAt } = version;
  if (assets === null) return null;
  let files = served.get(version);
  if (files === undefined) {
    const prefix = versionPrefix({ office: app.office, app: app.uuid, version: version.version });
    files = { prefix, digest, publishedAt, folder: assets.folder, alone: assets.alone };
    served.set(version, files);
  }
  return files;
}

/**
 * Public only if every version that may be answering is public: on each of its hosts the one that runs, else the one that
 * will be started, and the one before it when that failed, and the one whose static files are served. A new version's
 * word does not open the old one.
 */
function visibilityOf(app: AppState, inPlace: VersionState | null): 'private' | 'public' {
  const isPublic = (version: number) => app.versions.get(version)?.visibility === 'public';
  const versions = rotationOf(app).flatMap(({ assignment, instance }) => {
    if (instance?.state === 'running') return instance.version;
    const before = assignment.outcome === 'failed' && instance !== null ? [instance.version] : [];
    return [assignment.version, ...before];
  });
  const ofFiles = inPlace === null || inPlace.assets === null ? true : inPlace.visibility === 'public';
  return versions.length > 0 && versions.every(isPublic) && ofFiles ? 'public' : 'private';
}

/**
 * The hosts of an app's rotation. Those that are not there come last: to ask them takes a while. The rest are in the order
 * of the state, the host with the app's own address first.
 */
export function appPlaces(
  live: Pick<LiveState, 'office'>,
  presences: Pick<Presences, 'of'>,
  supervisors: Pick<SupervisorClient, 'wake'>,
): AppPlaces {
  const isAway = ({ assignment }: PlacementState) => presences.of(assignment.supervisor) === undefined;
  return {
    of(id) {
      const app = live.office.apps.get(id);
      const rotation = app === undefined ? [] : rotationOf(app);
      return [...rotation]
        .sort((a, b) => Number(isAway(a)) - Number(isAway(b)))
        .map((placement) => ({ name: placement.assignment.supervisor, awake: isAwake(placement) }));
    },
    nowhere: (id) => notDeployed(live.office.apps.get(id)),
    async wake(id, supervisor) {
      const { endpoint, generation, runner_key } = await supervisors.wake(supervisor, id);
      return { endpoint, generation, runnerKey: runner_key };
    },
  };
}

/** It runs there, or is to run without being asked for. */
function isAwake({ assignment, instance }: PlacementState): boolean {
  if (instance?.state === 'running') return true;
  return !assignment.stopped && (assignment.pinned || assignment.settings.lifecycle === 'always_on');
}

function notDeployed(app: AppState | undefined) {
  const deploying = (app?.openDeployments.size ?? 0) > 0;
  return withRetryAfter(
    nodeError('app_not_ready', {
      what: `'${app?.slug}' is not running yet`,
      why: deploying ? 'it is being deployed' : 'no version of it is deployed',
      hint: deploying ? 'Try again in a moment' : 'Deploy it: `tcli push <dir>`',
    }),
    deploying ? 2 : 30,
  );
}
