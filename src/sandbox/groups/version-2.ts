import { accessSync, constants, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { BoxBounds } from '../box.ts';
import {
  type BoxGroups,
  CPU_PERIOD_US,
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
  processesIn,
  readGroupFile,
  unlike,
  writeGroupFiles,
} from './folder.ts';
import { groupPath, groupsOfProcess, type Hierarchy } from './mounts.ts';

/**
 * The leaf that a service manager starts the office in when the group above is delegated to it (`DelegateSubgroup=` of
 * systemd.resource-control(5)): a group that hands controllers on has no processes itself.
 */
const OFFICE_LEAF = 'office';

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
 * Control groups of version 2: below a group that was delegated to this office, or, as root, at the top.
 *
 * @returns null when this user has neither
 */
export function version2(hierarchies: readonly Hierarchy[], isRoot: boolean): GroupDriver | null {
  const unified = hierarchies.find(({ version }) => version === 2);
  const base = unified === undefined ? null : baseOf(unified, isRoot);
  if (base === null) return null;
  const holds = handedOn(base.folder);
  if (holds.size === 0) return null;
  const missing = BOUNDS.filter((bound) => !holds.has(bound)).map((bound) => CONTROLLER_OF[bound]);
  return {
    holds,
    lack: missing.length === 0 ? null : `the office's control group has no ${missing.join(', ')}`,
    of: (name) => groupAt(base, holds, name),
    below: (name) => groupsBelow(join(base.folder, name)),
  };
}

function baseOf({ own, path, top }: Hierarchy, isRoot: boolean): Base | null {
  const above = dirname(own);
  if (basename(own) === OFFICE_LEAF && own !== top && isOurs(above) && processesIn(above).length === 0) {
    return { folder: above, path: dirname(path) };
  }
  return isRoot && isOurs(top) ? { folder: top, path: '/' } : null;
}

function isOurs(folder: string): boolean {
  try {
    for (const file of ['cgroup.procs', 'cgroup.subtree_control'])
      accessSync(join(folder, file), constants.W_OK);
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** What groups below this one, and below an office's, are bounded in; hands on what it has not handed on yet. */
function handedOn(folder: string): Set<GroupBound> {
  return new Set(BOUNDS.filter((bound) => handOn(folder, CONTROLLER_OF[bound])));
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
export function groupAt(base: Base, holds: ReadonlySet<GroupBound>, name: string): BoxGroups {
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
    },
    enter: (pid) => {
      writeGroupFiles(group, [{ file: 'cgroup.procs', value: String(pid) }]);
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
