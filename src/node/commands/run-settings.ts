import type { Manifest } from '../../app/index.ts';
import type { RunSettings } from '../../state/index.ts';

/**
 * How the app will be run, as the log keeps it. A module without a declared runtime is meant for `worker`; until that
 * exists it runs as `wasm-http`, and the warning says so.
 */
export function runSettingsOf(manifest: Manifest): { settings: RunSettings; warnings: readonly string[] } {
  const { runtime, build, health } = manifest;
  const standsIn = runtime.type === 'worker' && !runtime.typeDeclared;
  const settings: RunSettings = {
    type: standsIn ? 'wasm-http' : runtime.type,
    lifecycle: runtime.lifecycle,
    idle_timeout_sec: runtime.idleTimeoutSec,
    memory_mb: runtime.memoryMb,
    entry: runtime.entry,
    main: build.main,
    fuel_per_request: runtime.fuelPerRequest,
    isolation: runtime.isolation,
    health_path: health.path,
    health_timeout_sec: health.timeoutSec,
  };
  return {
    settings,
    warnings: standsIn
      ? ['the app runs as wasm-http: the faster worker runtime is not in this version; nothing to do']
      : [],
  };
}
