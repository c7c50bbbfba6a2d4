import type { GroupDriver } from './driver.ts';

/** No control groups: boxes are bounded by resource limits alone. */
export function noGroups(lack: string): GroupDriver {
  const holds = new Set<never>();
  return {
    holds,
    lack,
    below: () => [],
    of: () => ({
      paths: [],
      holds,
      create: () => {},
      enter: () => {},
      bound: () => {},
      faults: () => [],
      memoryKills: () => 0,
      cpuMs: () => null,
      memoryBytes: () => null,
    }),
  };
}
