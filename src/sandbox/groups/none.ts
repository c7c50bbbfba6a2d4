import type { BoxLack } from '../box.ts';
import type { GroupDriver } from './driver.ts';

/** No control groups: boxes are bounded by resource limits alone. */
export function noGroups(lack: BoxLack): GroupDriver {
  const holds = new Set<never>();
  return {
    holds,
    lack,
    below: () => [],
    offices: () => [],
    of: () => ({
      paths: [],
      holds,
      create: () => {},
      enter: async () => {},
      weigh: () => {},
      bound: () => {},
      faults: () => [],
      memoryKills: () => 0,
      cpuMs: () => null,
      memoryBytes: () => null,
    }),
  };
}
