import { readFileSync, readlinkSync } from 'node:fs';
import { BOX_NAMESPACES, type SeenInside } from './faults.ts';
import { parseStatus } from './process-status.ts';

/** What can be seen of a process from outside. @throws the file system's error when it is gone */
export function lookInside(pid: number): SeenInside {
  return {
    status: parseStatus(readFileSync(`/proc/${pid}/status`, 'utf8')),
    namespaces: namespacesOf(pid),
    limits: hardLimits(readFileSync(`/proc/${pid}/limits`, 'utf8')),
  };
}

/** By name; without those that this kernel does not have, or that cannot be read. */
export function namespacesOf(pid: number | 'self'): Record<string, string> {
  return Object.fromEntries(
    BOX_NAMESPACES.flatMap((name) => {
      try {
        return [[name, readlinkSync(`/proc/${pid}/ns/${name}`)]];
      } catch {
        return [];
      }
    }),
  );
}

/** Columns of `/proc/<pid>/limits`: name, soft, hard, unit, each apart by at least two blanks. */
function hardLimits(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [name, , hard] = line.split(/\s{2,}/);
      return name?.startsWith('Max ') && hard !== undefined ? [[name, hard]] : [];
    }),
  );
}

/** What it has mounted. @throws the file system's error when it is gone */
export function mountsInside(pid: number): string {
  return readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
}

/** Processes that this one has started, and they, and so on. */
export function processesBelow(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...processesBelow(child)]);
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Its command line; empty: it is gone, or a zombie. */
export function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}

/** Does it wait for something? */
export function isAsleep(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat[stat.lastIndexOf(')') + 2] === 'S';
  } catch {
    return false;
  }
}
