import { appUla } from '../../app/index.ts';
import { newId } from '../../kit/index.ts';
import type { LogStore } from '../../log/index.ts';
import { domainEvent, type RunSettings } from '../../state/index.ts';
import { TINY } from './apps.ts';

const DIGEST = 'a'.repeat(64);
export const SETTINGS: RunSettings = {
  type: 'wasm-http',
  lifecycle: 'on_request',
  idle_timeout_sec: 300,
  memory_mb: 64,
  entry: 'app.wasm',
  main: null,
  fuel_per_request: 1e9,
  isolation: 'pool',
  health_path: '/',
  health_timeout_sec: 30,
};

/** Says in the log that an app is placed on a host, so that nothing has to be built. @returns id of its deployment */
export async function placeApp(
  log: LogStore,
  {
    app = TINY,
    office = 'default',
    supervisor = 'local',
    slug = 'tiny',
    visibility = 'private' as 'private' | 'public',
  } = {},
): Promise<string> {
  const context = { actor: 'user:owner', source: '/node', office };
  const deployment = newId();
  const version = { app, version: 1, digest: DIGEST, targets: null };
  await log.append(domainEvent('app_registered', { app, name: slug, slug, ula: appUla(app) }, context));
  await log.append(
    domainEvent(
      'version_published',
      {
        ...version,
        files: 2,
        bytes: 2,
        name: slug,
        visibility,
        runtime: SETTINGS,
        assets: null,
        runtime_declared: true,
        env: {},
        targets: [],
        requests: [],
        secrets: [],
        doubts: [],
        inherited: [],
      },
      context,
    ),
  );
  const requested = {
    ...{ app, deployment_id: deployment, version: 1, digest: DIGEST },
    ...{ targets: null, leave_data: false },
  };
  await log.append(domainEvent('deployment_requested', requested, context));
  await assignTo(log, supervisor, { app, office, deployment });
  return deployment;
}

/** Says in the log that an app which is placed already is placed on this host as well. */
export async function assignTo(
  log: LogStore,
  supervisor: string,
  { app = TINY, office = 'default', deployment = newId() } = {},
): Promise<void> {
  const context = { actor: 'user:owner', source: '/node', office };
  await log.append(
    domainEvent(
      'app_assigned',
      {
        ...{
          supervisor,
          app,
          deployment_id: deployment,
          version: 1,
          generation: 1,
          environment: 'production',
        },
        ...{ runtime: 'wasm-http', settings: SETTINGS, env: {}, artifact_digest: DIGEST },
        ...{ artifact_prefix: 'artifacts/x', address: appUla(app) },
      },
      context,
    ),
  );
}
