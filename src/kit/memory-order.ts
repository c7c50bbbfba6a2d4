import { writeFileSync } from 'node:fs';

/** Between 0, what everybody begins with, and 1000, the first to go (proc(5), `oom_score_adj`). */
const GOES_BEFORE_OTHERS = '500';

/**
 * Has the system end this process and what it starts, not somebody else's, when the machine's memory is used up. For processes
 * that work for an app: the office and its neighbours are not to pay for it.
 */
export function yieldMemoryToOthers(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', GOES_BEFORE_OTHERS);
  } catch {
    // no such thing on this system
  }
}
