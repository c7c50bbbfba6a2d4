import { setTimeout as wait } from 'node:timers/promises';
import { isAlive } from '../../kit/index.ts';
import type { BoxBounds, BoxSpec } from '../box.ts';
import { nodeLibraries } from '../launch/libraries.ts';
import { limitTexts, resourceLimits } from '../launch/resource-limits.ts';
import { BOX_DEVICES, BOX_PROFILES } from '../profile.ts';
import type { RunningParts } from '../running-parts.ts';
import { type ExpectedInside, faultsOf } from './faults.ts';
import {
  commandLineOf,
  isAsleep,
  lookInside,
  mountsInside,
  namespacesOf,
  processesBelow,
} from './look-inside.ts';
import { type ExpectedMounts, mountFaults } from './mount-faults.ts';

/** Milliseconds that bubblewrap may take from the gate until the program runs. */
const START_MS = 10_000;

/** Looks at every process of a box, once its program runs; what is not as it must be, in words. */
export async function boxFaults(parts: RunningParts, bounds: BoxBounds): Promise<string[]> {
  const { init, groups } = parts;
  if (!isFirst(init)) return ['its first process is not the first of a process namespace'];
  if (!(await programRuns(parts))) return ['its program does not run'];
  const expected = expectedOf(parts, bounds);
  const mounts = mountsOf(parts.spec);
  return [init, ...processesBelow(init)].flatMap((pid) => {
    try {
      return [
        ...faultsOf(lookInside(pid), expected),
        ...mountFaults(mountsInside(pid), mounts),
        ...groups.faults(pid, bounds),
      ];
    } catch {
      return pid === init ? ['it has ended'] : []; // one of its processes ended while it was looked at
    }
  });
}

/** Its end ends all others only then (pid_namespaces(7)). */
function isFirst(init: number): boolean {
  try {
    return lookInside(init).status.pids.at(-1) === 1;
  } catch {
    return false; // it has ended
  }
}

/**
 * Bubblewrap starts the program with a copy of itself, which is not confined yet; nor is the first process, until it sleeps and
 * waits for that copy.
 */
async function programRuns({ record, init, child }: RunningParts): Promise<boolean> {
  const deadline = performance.now() + START_MS;
  while (record.init !== null && isAlive(record.init) && child.exitCode === null) {
    const own = commandLineOf(init);
    const runs = processesBelow(init).some((pid) => ![own, ''].includes(commandLineOf(pid)));
    if (runs && isAsleep(init)) return true;
    if (performance.now() > deadline) return false;
    await wait(1);
  }
  return false;
}

function mountsOf({ profile, files, writable = [] }: BoxSpec): ExpectedMounts {
  return {
    shown: [...nodeLibraries(), ...files.map(({ to }) => to)],
    writable: [
      ...BOX_DEVICES,
      '/tmp',
      ...BOX_PROFILES[profile].memory.map(({ path }) => path),
      ...(BOX_PROFILES[profile].proc ? ['/proc'] : []),
      ...writable.map(({ to }) => to),
    ],
  };
}

function expectedOf({ record, machine }: RunningParts, bounds: BoxBounds): ExpectedInside {
  const limits = resourceLimits(bounds, !machine.groups.holds.has('memory'));
  return {
    uid: record.uid ?? process.getuid?.() ?? 0,
    ownUid: record.uid !== null,
    namespaces: namespacesOf('self'),
    limits: limitTexts(limits),
  };
}
