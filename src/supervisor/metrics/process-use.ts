import { readFile } from 'node:fs/promises';

/** What the system says a process takes. */
export interface ProcessUse {
  /** Time on a processor since its start, in user and system mode. */
  readonly cpuMs: number;
  /** Resident memory. */
  readonly memoryBytes: number;
}

/** Milliseconds of a clock tick of `/proc/<pid>/stat`: USER_HZ is 100 on every Linux that Node runs on (proc_pid_stat(5)). */
const TICK_MS = 10;

/** Null for a process that is gone, and on a system without `/proc`. */
export async function processUse(pid: number): Promise<ProcessUse | null> {
  try {
    const [stat, status] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
    ]);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before may hold anything
    const [utime, stime] = [Number(fields[11]), Number(fields[12])];
    const resident = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
    if (![utime, stime, resident].every(Number.isFinite)) return null;
    return { cpuMs: (utime + stime) * TICK_MS, memoryBytes: resident * 1024 };
  } catch {
    return null;
  }
}
