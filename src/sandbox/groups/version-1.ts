import { accessSync, constants } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BoxBounds, BoxLack } from '../box.ts';
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
  readGroupFile,
  unlike,
  weigh,
  writeGroupFiles,
} from './folder.ts';
import { officesIn } from './forsaken.ts';
import { groupPath, groupsOfProcess, type Hierarchy } from './mounts.ts';

const BOUND_OF: Readonly<Record<string, GroupBound>> = { memory: 'memory', cpu: 'cpu', pids: 'tasks' };
const NEEDED = ['memory', 'cpu', 'cpuacct', 'pids'] as const;

/** Bounds as the files of one controller take them (Documentation/admin-guide/cgroup-v1). */
function filesOf(controller: string, bounds: BoxBounds): GroupFile[] {
  const memory = String(wholePages(bounds.memoryBytes));
  if (controller === 'memory') {
    return [
      { file: 'memory.limit_in_bytes', value: memory },
      // Memory and swap together; on a machine without swap accounting, what may be swapped is bounded by nothing.
      { file: 'memory.memsw.limit_in_bytes', value: memory, optional: true },
    ];
  }
  if (controller === 'cpu') {
    return [
      { file: 'cpu.cfs_burst_us', value: '0', optional: true, passing: true }, // a quota below it is refused
      { file: 'cpu.cfs_period_us', value: String(CPU_PERIOD_US) },
      { file: 'cpu.cfs_quota_us', value: String(cpuQuotaUs(bounds.cpus)) },
      // What was not used of one period may be used in the next: a start has threads at work for a moment, and was held up.
      { file: 'cpu.cfs_burst_us', value: String(cpuQuotaUs(bounds.cpus)), optional: true },
    ];
  }
  return controller === 'pids' ? [{ file: 'pids.max', value: String(groupTasks(bounds)) }] : [];
}

/** Control groups of version 1, where this user may make them: each controller has a hierarchy of its own, or shares one. */
export function version1(hierarchies: readonly Hierarchy[]): GroupDriver {
  const places = new Map<string, Hierarchy>();
  for (const controller of NEEDED) {
    const found = hierarchies.find((one) => one.version === 1 && one.controllers.includes(controller));
    if (found !== undefined && isWritable(found.own)) places.set(controller, found);
  }
  const holds = new Set([...places.keys()].flatMap((controller) => BOUND_OF[controller] ?? []));
  const folders = [...new Set([...places.values()].map(({ own }) => own))];
  return {
    holds,
    lack: lackOf(places),
    of: (name, among = CPU_WEIGHT.ordinary) => groupsOf(places, holds, name, among),
    below: (name) => folders.flatMap((own) => groupsBelow(join(own, name))),
    offices: () => folders.flatMap(officesIn),
  };
}

function lackOf(places: ReadonlyMap<string, Hierarchy>): BoxLack | null {
  const missing = NEEDED.filter((controller) => !places.has(controller));
  if (missing.length === 0) return null;
  return {
    why: `control groups of ${missing.join(', ')} cannot be made here`,
    hint: 'Mount them below /sys/fs/cgroup, to write to.',
  };
}

function groupsOf(
  places: ReadonlyMap<string, Hierarchy>,
  holds: ReadonlySet<GroupBound>,
  name: string,
  among: number,
): BoxGroups {
  const folders = new Map([...places].map(([controller, { own }]) => [controller, join(own, name)]));
  const paths = [...new Set(folders.values())];
  const memory = folders.get('memory') ?? '';
  const cpu = folders.get('cpu') ?? null;
  const set = (bounds: BoxBounds) => {
    for (const [controller, path] of folders) {
      const files = filesOf(controller, bounds);
      writeGroupFiles(path, raises(path, files) ? files.toReversed() : files);
    }
  };
  return {
    paths,
    holds,
    create: (bounds) => {
      for (const path of paths) makeGroup(path);
      set(bounds);
      if (cpu !== null) weigh(dirname(cpu), 'cpu.shares', sharesOf(among));
    },
    weigh: (weight) => {
      if (cpu !== null) weigh(cpu, 'cpu.shares', sharesOf(weight));
    },
    enter: async (pid) => {
      for (const path of paths) await moveInto(path, pid);
      const outside = notIn(pid, places, name);
      if (outside.length > 0) throw new Error(outside.join('; '));
    },
    bound: set,
    faults: (pid, bounds) => [
      ...notIn(pid, places, name),
      ...[...folders].flatMap(([controller, path]) => unlike(path, filesOf(controller, bounds))),
    ],
    memoryKills: () => countIn(memory, 'memory.oom_control', 'oom_kill') ?? 0,
    cpuMs: () => numberOr(null, readGroupFile(folders.get('cpuacct') ?? '', 'cpuacct.usage'), 1e6),
    memoryBytes: () => numberOr(null, readGroupFile(memory, 'memory.usage_in_bytes'), 1),
  };
}

/** What version 2 calls 100 is 1024 here. */
function sharesOf(weight: number): number {
  return Math.round((weight * 1024) / CPU_WEIGHT.ordinary);
}

/** Memory alone never may be more than memory and swap: which of the two is set first depends on where it goes. */
function raises(path: string, files: readonly GroupFile[]): boolean {
  const first = files[0];
  return (
    first?.file.startsWith('memory.') === true &&
    Number(readGroupFile(path, first.file)) < Number(first.value)
  );
}

/** Controllers in whose group of this name the process is not. */
function notIn(pid: number, places: ReadonlyMap<string, Hierarchy>, name: string): string[] {
  const groups = groupsOfProcess(pid);
  return [...places].flatMap(([controller, { path }]) => {
    const there = groupPath(groups, 1, [controller]);
    return there === join(path, name)
      ? []
      : [`it is in the ${controller} group ${there ?? 'of nobody'}, not in its own`];
  });
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function numberOr(otherwise: null, text: string, divisor: number): number | null {
  return text === '' ? otherwise : Number(text) / divisor;
}
