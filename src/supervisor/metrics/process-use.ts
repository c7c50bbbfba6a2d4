import { readFile } from 'node:fs/promises';

/** What the system says a process takes, with all that it has started. */
export interface ProcessUse {
  /** Time on a processor since its start, in user and system mode, of what has ended meanwhile too. */
  readonly cpuMs: number;
  /** Resident memory; files that several of them have mapped, such as the engine's program, count once. */
  readonly memoryBytes: number;
}

/** Milliseconds of a clock tick of `/proc/<pid>/stat`: USER_HZ is 100 on every Linux that Node runs on (proc_pid_stat(5)). */
const TICK_MS = 10;
/** A sandbox is three processes deep; whatever lies deeper is not looked for. */
const MAX_DEPTH = 6;

/** Null for a process that is gone, and on a system without `/proc`. */
export async function processUse(pid: number): Promise<ProcessUse | null> {
  const own = await useOf(pid);
  if (own === null) return null;
  const others = await Promise.all((await descendants(pid, MAX_DEPTH)).map(useOf));
  const started = others.filter((use) => use !== null);
  return {
    cpuMs: started.reduce((sum, { cpuMs }) => sum + cpuMs, own.cpuMs),
    memoryBytes: started.reduce((sum, { ownBytes }) => sum + ownBytes, own.memoryBytes),
  };
}

/** Of one process: `ownBytes` is the part of its memory that no file stands behind. */
async function useOf(pid: number): Promise<(ProcessUse & { readonly ownBytes: number }) | null> {
  try {
    const [stat, status] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
    ]);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before may hold anything
    // utime, stime, and cutime, cstime: what ended children had, which would otherwise be lost
    const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
    const [resident, anonymous, shared] = ['VmRSS', 'RssAnon', 'RssShmem'].map((name) => kib(status, name));
    if (![ticks, resident].every(Number.isFinite)) return null;
    const ownBytes = ((anonymous ?? 0) + (shared ?? 0)) * 1024;
    return { cpuMs: ticks * TICK_MS, memoryBytes: (resident ?? 0) * 1024, ownBytes };
  } catch {
    return null;
  }
}

function kib(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
}

/** Pids of all that a process has started; empty where the kernel does not say (CONFIG_PROC_CHILDREN). */
async function descendants(pid: number, depth: number): Promise<readonly number[]> {
  if (depth === 0) return [];
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = text.split(' ').filter(Boolean).map(Number);
  const below = await Promise.all(children.map((child) => descendants(child, depth - 1)));
  return [...children, ...below.flat()];
}
