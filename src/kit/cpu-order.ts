import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** A fifth of what others get (sched(7): a quarter more with each step). */
const LATER = 7;
const LIKE_OTHERS = 0;
/** The kernel takes ten such changes a second, of all users but root together. */
const AGAIN_MS = 150;
const MOST_TIMES = 40;

/**
 * Has others go first where there is not enough of the CPU for all, for a process that leads a session of its own and for which nobody
 * waits yet. A hint: what this system does not know, or does not let be taken back, is left out.
 */
export function letOthersGoFirst(pid: number): void {
  setSession(pid, LATER, 1);
  setProcess(pid, LATER);
}

/** Takes `letOthersGoFirst` back. */
export function goLikeOthers(pid: number): void {
  setSession(pid, LIKE_OTHERS, MOST_TIMES);
  setProcess(pid, LIKE_OTHERS);
}

/** Where the kernel weighs sessions against each other (sched(7), autogroup), a process' own niceness counts only within its session. */
function setSession(pid: number, nice: number, times: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(nice));
  } catch (error) {
    const isTooSoon = (error as NodeJS.ErrnoException).code === 'EAGAIN';
    if (isTooSoon && times > 1) setTimeout(setSession, AGAIN_MS, pid, nice, times - 1).unref();
  }
}

/** Only root may take it back. */
function setProcess(pid: number, nice: number): void {
  if (process.getuid?.() !== 0) return;
  try {
    setPriority(pid, nice);
  } catch {
    // it has ended
  }
}
