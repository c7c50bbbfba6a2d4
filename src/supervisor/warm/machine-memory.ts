import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import type { MachineMemory } from './pool-size.ts';

/** A control group with a bound on its memory, in bytes. */
interface MemoryGroup {
  readonly bound: number;
  readonly used: number;
  /** Of what is used: pages of files that nobody has asked for lately, which the kernel gives away first. */
  readonly reclaimable: number;
}

/**
 * What this process could still have: what the machine has left, or the tightest control group it is in, its parents
 * included (cgroup v2). Where there is none, what Node knows of other kinds of bounds.
 *
 * @param root where the system's files lie; a test has a folder of its own
 */
export function machineMemory(root = '/'): MachineMemory {
  const groups = boundedGroups(root);
  const total = totalmem();
  if (groups.length === 0) {
    const availableBytes = Math.min(process.availableMemory(), total);
    return { availableBytes, totalBytes: Math.min(process.constrainedMemory() || total, total) };
  }
  // A group counts the files its processes have read as used: that is no shortage.
  const left = groups.map(({ bound, used, reclaimable }) => Math.max(0, bound - used + reclaimable));
  return {
    availableBytes: Math.min(freemem(), ...left),
    totalBytes: Math.min(total, ...groups.map(({ bound }) => bound)),
  };
}

/** The groups of this process that have a bound, from its own up to the root of what it can see. */
function boundedGroups(root: string): readonly MemoryGroup[] {
  const [, own] = /^0::(\/.*)$/m.exec(textOf(join(root, 'proc/self/cgroup'))) ?? [];
  const groups: MemoryGroup[] = [];
  for (let path = own; path !== undefined; path = path === '/' ? undefined : dirname(path)) {
    const file = (name: string): string => textOf(join(root, 'sys/fs/cgroup', path ?? '', name));
    const bound = file('memory.max');
    if (!/^\d+\n?$/.test(bound)) continue; // `max`, or no such file
    const [, reclaimable = '0'] = /^inactive_file (\d+)$/m.exec(file('memory.stat')) ?? [];
    groups.push({
      bound: Number(bound),
      used: Number(file('memory.current')),
      reclaimable: Number(reclaimable),
    });
  }
  return groups;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
