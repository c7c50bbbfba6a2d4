import { type AppState, appBySlug, isGone, type OfficeState } from '../state/index.ts';
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
 * Public only if every version that may be answering is public: the one that runs, else the one that will be started,
 * and the one before it when that failed. A new version's word does not open the old one.
 */
function visibilityOf(app: AppState): 'private' | 'public' {
  const { assignment, instance, versions } = app;
  const isPublic = (version: number | undefined) => versions.get(version ?? 0)?.visibility === 'public';
  if (instance?.state === 'running') return isPublic(instance.version) ? 'public' : 'private';
  const before = assignment?.outcome === 'failed' && instance !== null ? isPublic(instance.version) : true;
  return isPublic(assignment?.version) && before ? 'public' : 'private';
}

/** Asks the app's supervisor where it answers. */
export function wakeThrough(live: LiveState, supervisors: SupervisorClient) {
  return async (id: string): Promise<EdgeEndpoint> => {
    const app = live.office.apps.get(id);
    if (app?.assignment == null || isGone(app.assignment)) throw notDeployed(app);
    const endpoint = await supervisors.wake(app.assignment.supervisor, id);
    const { host, port, generation } = endpoint;
    return { host, port, generation, runnerKey: endpoint.runner_key };
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
