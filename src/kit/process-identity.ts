import { readFileSync } from 'node:fs';

/** A process, told from a later one that got the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of `/proc/<pid>/stat` (proc(5)); null where there is no `/proc`. */
  readonly start_time: number | null;
}

const hasProc = process.platform === 'linux';

/** Start time of a living process; null when there is none (a zombie counts as none) or the system cannot say. */
export function startTimeOf(pid: number): number | null {
  if (!hasProc) return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const state = fields[0];
    if (state === 'Z' || state === 'X') return null;
    return Number(fields[19]);
  } catch {
    return null; // ENOENT or ESRCH: it is gone
  }
}

/** Clock ticks a second in `/proc/<pid>/stat` (proc(5), USER_HZ). */
const TICKS_PER_SECOND = 100;

/**
 * When this machine started, or this container: when its first process did, in milliseconds since the epoch. Counted back
 * from now, so that a clock that was set since is no matter. Null where the system cannot say.
 */
export function machineStartedAt(): number | null {
  const first = startTimeOf(1);
  const own = startTimeOf(process.pid);
  if (first === null || own === null) return null;
  return Date.now() - process.uptime() * 1000 - ((own - first) * 1000) / TICKS_PER_SECOND;
}

/** Does this very process still live? */
export function isAlive(process_: ProcessIdentity): boolean {
  if (hasProc) return process_.start_time !== null && startTimeOf(process_.pid) === process_.start_time;
  try {
    process.kill(process_.pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Signals this very process; never another one that has its pid now. True when it was there. */
export function signalProcess(process_: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(process_)) return false;
  try {
    process.kill(process_.pid, signal);
    return true;
  } catch {
    return false; // it ended in between
  }
}
