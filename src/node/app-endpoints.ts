import { type AppState, appBySlug, type OfficeState, rotationOf } from '../state/index.ts';
import type { AppDirectory, EdgeApp, EdgeEndpoint } from './edge/app-directory.ts';
import { nodeError } from './errors.ts';
import type { LiveState } from './live-state.ts';
import { withRetryAfter } from './retry-after.ts';
import type { SupervisorClient } from './supervisors/supervisor-client.ts';

/** The apps of all offices as the edge sees them, read from the state. */
export function appDirectory(office: OfficeState): AppDirectory {
  return {
    byId: (id) => edgeApp(office.apps.get(id)),
    bySlug: (slug, of) => edgeApp(appBySlug(office, slug, of) ?? undefined),
  };
}

function edgeApp(app: AppState | undefined): EdgeApp | undefined {
  return app && { id: app.uuid, slug: app.slug, office: app.office, visibility: visibilityOf(app) };
}

/**
 * Public only if every version that may be answering is public: on each of its hosts the one that runs, else the one that
 * will be started, and the one before it when that failed. A new version's word does not open the old one.
 */
function visibilityOf(app: AppState): 'private' | 'public' {
  const isPublic = (version: number) => app.versions.get(version)?.visibility === 'public';
  const versions = rotationOf(app).flatMap(({ assignment, instance }) => {
    if (instance?.state === 'running') return instance.version;
    const before = assignment.outcome === 'failed' && instance !== null ? [instance.version] : [];
    return [assignment.version, ...before];
  });
  return versions.length > 0 && versions.every(isPublic) ? 'public' : 'private';
}

/** Asks the app's supervisor where it answers. */
export function wakeThrough(live: LiveState, supervisors: SupervisorClient) {
  return async (id: string): Promise<EdgeEndpoint> => {
    const app = live.office.apps.get(id);
    const [first] = app === undefined ? [] : rotationOf(app);
    if (first === undefined) throw notDeployed(app);
    const { endpoint, generation, runner_key } = await supervisors.wake(first.assignment.supervisor, id);
    return { endpoint, generation, runnerKey: runner_key };
  };
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
