import type { Manifest } from '../../app/index.ts';
import type { RunSettings } from '../../state/index.ts';

/** How the app is to be run, as the log keeps it. What only one runtime needs is there whichever it names: another may stand in. */
export function runSettingsOf({ runtime, build, health }: Manifest): RunSettings {
  return {
    type: runtime.type,
    lifecycle: runtime.lifecycle,
    idle_timeout_sec: runtime.idleTimeoutSec,
    memory_mb: runtime.memoryMb,
    entry: runtime.entry,
    main: build.main,
    fuel_per_request: runtime.fuelPerRequest,
    isolation: runtime.isolation,
    health_path: health.path,
    health_timeout_sec: health.timeoutSec,
    ...(runtime.stateful && { data_mb: runtime.dataMb }),
  };
}
