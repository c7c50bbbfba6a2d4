import { readdirSync, readFileSync } from 'node:fs';

const PR_SET_CHILD_SUBREAPER = 36;

/**
 * From now on whatever loses its parent below this process becomes its child (prctl(2)), so that nothing that was started here,
 * however deep, is out of sight.
 */
export function adoptOrphans(): void {
  const long = { arguments: ['i32', 'u64', 'u64', 'u64', 'u64'], return: 'i32' } as const;
  const { dlopen } = process.getBuiltinModule('node:ffi'); // warns when it is loaded
  const { functions } = dlopen(null, { prctl: long });
  if (functions.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n) !== 0)
    throw new Error('orphans cannot be adopted');
}

/** A process below this one. */
export interface Descendant {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks since the start of the machine: tells a process from a later one of the same number. */
  readonly startTime: string;
  /** User and kernel time, in clock ticks of 10 ms. */
  readonly cpuTicks: number;
}

/** All processes below that one that are not dead. */
export function descendantsOf(root: number): Descendant[] {
  const all: Descendant[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z' || fields[0] === 'X') continue;
      const cpuTicks = Number(fields[11]) + Number(fields[12]);
      all.push({ pid: Number(name), parent: Number(fields[1]), startTime: fields[19] ?? '', cpuTicks });
    } catch {
      // it has gone meanwhile
    }
  }
  const below = new Set([root]);
  for (let size = 0; size !== below.size; ) {
    size = below.size;
    for (const { pid, parent } of all) if (below.has(parent)) below.add(pid);
  }
  below.delete(root);
  return all.filter(({ pid }) => below.has(pid));
}

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
  } catch {
    return 'gone';
  }
}

/**
 * Waits until nothing runs below this process but what is named.
 *
 * @returns a sentence for each process that is left
 */
export async function leftRunning(known: ReadonlySet<number>, deadlineMs: number): Promise<string[]> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const left = descendantsOf(process.pid).filter(({ pid }) => !known.has(pid));
    if (left.length === 0) return [];
    if (performance.now() > end)
      return left.map(({ pid }) => `left running: ${pid} ${commandOf(pid).slice(0, 120)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until it is so. @throws when it is not within ten seconds */
export async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await look())) {
    if (performance.now() > end) throw new Error(`waited 10 s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
