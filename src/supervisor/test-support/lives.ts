import type { Assignment } from '../protocol.ts';
import type { InstanceView, RunningView } from '../reconcile.ts';

/** Values for tests of decisions; nothing of them is run. */
export const blankView: InstanceView = {
  running: null,
  settled: 0,
  gaveUp: false,
  trouble: null,
  held: false,
  overriddenStop: 0,
  restarted: 0,
  reset: 0,
  purged: 0,
};

/** A runner that serves since a moment ago. */
export function serves(generation: number, now: number, changes: Partial<RunningView> = {}): RunningView {
  return {
    generation,
    since: now,
    activeAt: now,
    lookedAt: now,
    silentRounds: 0,
    outdated: false,
    ...changes,
  };
}

export function assignment(generation: number, changes: Partial<Assignment> = {}): Assignment {
  return {
    app: '0191e7c2-1111-7222-8333-444455556666',
    name: 'app',
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
      fuel_per_request: 1,
      isolation: 'pool',
      health_path: '/',
      health_timeout_sec: 30,
    },
    env: {},
    address: '::1',
    pinned: false,
    stopped: false,
    stop_position: 0,
    restart_position: 0,
    reset_position: 0,
    purge_position: 0,
    ...changes,
  };
}

export function alwaysOn(generation: number, changes: Partial<Assignment> = {}): Assignment {
  const made = assignment(generation, changes);
  return { ...made, settings: { ...made.settings, lifecycle: 'always_on' } };
}
