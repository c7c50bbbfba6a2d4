import { readFileSync } from 'node:fs';
import type { Box } from './box.ts';
import type { BoxGroups } from './groups/driver.ts';
import { processesBelow } from './verify/look-inside.ts';

/** Clock ticks a second in `/proc/<pid>/stat` (proc(5), USER_HZ). */
const TICKS_PER_SECOND = 100;

/** What a box uses: as its groups count it, or its processes one by one. */
export function usageOf(groups: BoxGroups, init: number): Pick<Box, 'cpuMs' | 'memoryBytes'> {
  const all = () => [init, ...processesBelow(init)];
  let most = 0;
  return {
    cpuMs: () => {
      most = Math.max(most, groups.cpuMs() ?? sum(all().map(cpuMsOf)));
      return most;
    },
    memoryBytes: () => groups.memoryBytes() ?? sum(all().map(memoryOf)),
  };
}

/** Its own, and that of its children that have ended. */
function cpuMsOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (sum(fields.slice(11, 15).map(Number)) * 1000) / TICKS_PER_SECOND;
}

/** Without pages of files, which all boxes share. */
function memoryOf(pid: number): number {
  const status = read(`/proc/${pid}/status`);
  return sum([...status.matchAll(/^Rss(?:Anon|Shmem):\s*(\d+) kB/gm)].map(([, kib]) => Number(kib) * 1024));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it is gone
  }
}
