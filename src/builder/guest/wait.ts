import type { Pollable, Wasi } from './wasi.ts';

/**
 * How long a wait for a body may hold up the app's own timers. Waiting on a pollable stops the whole instance, and a
 * slow upload must not stop the timeout that guards against slow uploads.
 */
const LONGEST_HOLD_NS = 10_000_000n;

/** Resolves once the pollable is ready, and drops it. In between, the app's timers and promises go on. */
export async function untilReady(pollable: Pollable, wasi: Wasi): Promise<void> {
  try {
    while (!pollable.ready()) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (pollable.ready()) return;
      const limit = wasi.subscribeDuration(LONGEST_HOLD_NS);
      wasi.poll([pollable, limit]);
      limit[Symbol.dispose]();
    }
  } finally {
    pollable[Symbol.dispose]();
  }
}
