import { NO_GRANT } from '../../app/index.ts';
import type { Assignment } from '../protocol.ts';

/** What a host is to run: an app of one component that starts on request. */
export function assignmentOf(app: string, generation: number, changes: Partial<Assignment> = {}): Assignment {
  return {
    app,
    name: 'tiny',
    version: generation,
    generation,
    environment: 'production',
    runtime: 'wasm-http',
    digest: 'd',
    artifact_prefix: 'p',
    settings: {
      type: 'wasm-http',
      lifecycle: 'on_request',
      idle_timeout_sec: 300,
      memory_mb: 64,
      entry: 'app.wasm',
      main: null,
      fuel_per_request: 1_000_000_000,
      isolation: 'pool',
      health_path: '/',
      health_timeout_sec: 10,
    },
    env: {},
    grant: NO_GRANT,
    address: 'fd5a:1f02:0:0:0::1',
    pinned: false,
    stopped: false,
    stop_position: 0,
    restart_position: 0,
    reset_position: 0,
    purge_position: 0,
    purge_data_position: 0,
    ...changes,
  };
}

/** The same for an app that is always on. */
export function alwaysOnOf(made: Assignment): Assignment {
  return { ...made, settings: { ...made.settings, lifecycle: 'always_on' } };
}
