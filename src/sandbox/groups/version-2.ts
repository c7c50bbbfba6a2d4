import { accessSync, constants, existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { BoxBounds } from '../box.ts';
import {
  type BoxGroups,
  CPU_PERIOD_US,
  CPU_WEIGHT,
  cpuQuotaUs,
  type GroupBound,
  type GroupDriver,
  type GroupFile,
  groupTasks,
  wholePages,
} from './driver.ts';
import {
  countIn,
  groupsBelow,
  makeGroup,
  moveInto,
  processesIn,
  readGroupFile,
  unlike,
  weigh,
  writeGroupFiles,
} from './folder.ts';
import { officesIn } from './forsaken.ts';
import { whyNotAll } from './lack.ts';
import { groupPath, groupsOfProcess, type Hierarchy, OFFICE_LEAF } from './mounts.ts';

const CONTROLLER_OF: Readonly<Record<GroupBound, string>> = { memory: 'memory', cpu: 'cpu', tasks: 'pids' };
const BOUNDS = ['memory', 'cpu', 'tasks'] as const;

/** A group below which boxes get theirs. */
interface Base {
  readonly folder: string;
  /** As `/proc/<pid>/cgroup` names it. */
  readonly path: string;
}

/** Bounds as the files of a group take them (Documentation/admin-guide/cgroup-v2). */
function filesOf(bounds: BoxBounds, holds: ReadonlySet<GroupBound>): GroupFile[] {
  return [
    ...(holds.has('memory')
      ? [
          { file: 'memory.max', value: String(wholePages(bounds.memoryBytes)) },
          { file: 'memory.swap.max', value: '0', optional: true },
          // At the bound all of it ends: half a box is of no use.
          { file: 'memory.oom.group', value: '1', optional: true },
        ]
      : []),
    ...(holds.has('cpu') ? [{ file: 'cpu.max', value: `${cpuQuotaUs(bounds.cpus)} ${CPU_PERIOD_US}` }] : []),
    ...(holds.has('tasks') ? [{ file: 'pids.max', value: String(groupTasks(bounds)) }] : []),
  ];
}

/**
 * Control groups of version 2: as root at the top, else beside the leaf that the office is in (`settleIn`).
 *
 * @returns null when this user has neither
 */
export function version2(hierarchies: readonly Hierarchy[], isRoot: boolean): GroupDriver | null {
  const unified = hierarchies.find(({ version }) => version === 2);
  const base = unified === undefined ? null : baseOf(unified, isRoot);
  if (base === null) return null;
  if (base.isTop) handAllOn(base.folder);
  const holds = handedOn(base.folder);
  if (holds.size === 0) return null;
  const missing = BOUNDS.filter((bound) => !holds.has(bound)).map((bound) => CONTROLLER_OF[bound]);
  return {
    holds,
    lack: missing.length === 0 ? null : whyNotAll(missing),
    of: (name, among) => groupAt(base, holds, name, among),
    below: (name) => groupsBelow(join(base.folder, name)),
    offices: () => officesIn(base.folder),
  };
}

/**
 * Root takes the top even where a group is delegated to it: a service whose group hands controllers on cannot be started again
 * while apps live in there (`LEAF_VERSIONS`).
 */
function baseOf({ own, path, top }: Hierarchy, isRoot: boolean): (Base & { readonly isTop: boolean }) | null {
  if (isRoot && !isWithin(top) && isOurs(top)) return { folder: top, path: '/', isTop: true };
  const above = dirname(own);
  const isLeaf = basename(own) === OFFICE_LEAF && own !== top;
  return isLeaf && isOurs(above) && processesIn(above).length === 0
    ? { folder: above, path: dirname(path), isTop: false }
    : null;
}

/** What is mounted there is a group like any other, as in a container: only the one at the top of all has no type. */
export function isWithin(top: string): boolean {
  return existsSync(join(top, 'cgroup.type'));
}

/** May this user make groups in there, and hand controllers on to them? */
export function isOurs(folder: string): boolean {
  try {
    for (const file of ['cgroup.procs', 'cgroup.subtree_control'])
      accessSync(join(folder, file), constants.W_OK);
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** What groups below this one are bounded in. */
function handedOn(folder: string): Set<GroupBound> {
  const controllers = readGroupFile(folder, 'cgroup.subtree_control').split(' ');
  return new Set(BOUNDS.filter((bound) => controllers.includes(CONTROLLER_OF[bound])));
}

/** Has groups below this one be bounded in all that it has itself. */
export function handAllOn(folder: string): void {
  for (const bound of BOUNDS) handOn(folder, CONTROLLER_OF[bound]);
}

function handOn(folder: string, controller: string): boolean {
  const has = (file: string) => readGroupFile(folder, file).split(' ').includes(controller);
  if (!has('cgroup.controllers')) return false;
  if (has('cgroup.subtree_control')) return true;
  try {
    writeFileSync(join(folder, 'cgroup.subtree_control'), `+${controller}`, { flag: 'r+' });
    return has('cgroup.subtree_control');
  } catch {
    return false; // processes are in it, or another hierarchy has the controller
  }
}

/** The group of one box. */
export function groupAt(
  base: Base,
  holds: ReadonlySet<GroupBound>,
  name: string,
  among: number = CPU_WEIGHT.ordinary,
): BoxGroups {
  const group = join(base.folder, name);
  const set = (bounds: BoxBounds) => writeGroupFiles(group, filesOf(bounds, holds));
  const notIn = (pid: number) => {
    const there = groupPath(groupsOfProcess(pid), 2, []);
    return there === join(base.path, name)
      ? []
      : [`it is in the group ${there ?? 'of nobody'}, not in its own`];
  };
  return {
    paths: [group],
    holds,
    create: (bounds) => {
      makeGroup(group);
      for (const bound of holds) {
        if (!handOn(dirname(group), CONTROLLER_OF[bound]))
          throw new Error(`${CONTROLLER_OF[bound]} is not handed on`);
      }
      set(bounds);
      if (holds.has('cpu')) weigh(dirname(group), 'cpu.weight', among);
    },
    weigh: (weight) => {
      if (holds.has('cpu')) weigh(group, 'cpu.weight', weight);
    },
    enter: async (pid) => {
      await moveInto(group, pid);
      const outside = notIn(pid);
      if (outside.length > 0) throw new Error(outside.join());
    },
    bound: set,
    faults: (pid, bounds) => [...notIn(pid), ...unlike(group, filesOf(bounds, holds))],
    memoryKills: () => countIn(group, 'memory.events', 'oom_kill') ?? 0,
    cpuMs: () => (holds.has('cpu') ? thousandth(countIn(group, 'cpu.stat', 'usage_usec')) : null),
    memoryBytes: () => (holds.has('memory') ? Number(readGroupFile(group, 'memory.current')) : null),
  };
}

function thousandth(count: number | null): number | null {
  return count === null ? null : count / 1000;
}
