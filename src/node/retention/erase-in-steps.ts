import { setTimeout as delay } from 'node:timers/promises';
import type { EraseQuery, KeptLog } from '../../log/index.ts';

/** What some steps of erasing did together. */
export interface Erased {
  readonly events: number;
  readonly bytes: number;
  /** Position up to which they looked. */
  readonly through: number;
}

export interface ErasePace {
  /** No step erases more than this many more events; asked before each step, 0 ends it. */
  readonly wanted?: (soFar: Erased) => number;
  readonly signal?: AbortSignal;
}

/** Events of one step. The first is small: how fast this disk erases is not known yet. */
const FIRST_STEP = 50;
const LARGEST_STEP = 500;
/** Milliseconds a step should take: an append that comes meanwhile waits for it. */
const STEP_MS = 10;

/**
 * Erases all that matches in small steps. Each is as large as fits into ten milliseconds, and between two of them the
 * log is free for as long as the one before took. Ends early, between two steps, when the signal aborts.
 */
export async function eraseInSteps(
  log: Pick<KeptLog, 'erase'>,
  query: EraseQuery,
  { wanted = () => LARGEST_STEP, signal }: ErasePace = {},
): Promise<Erased> {
  let total: Erased = { events: 0, bytes: 0, through: 0 };
  let step = FIRST_STEP;
  while (signal?.aborted !== true) {
    const limit = Math.min(step, wanted(total));
    if (limit <= 0) break;
    const began = performance.now();
    const { erased, bytes, through, more } = await log.erase({ ...query, limit });
    const took = performance.now() - began;
    total = {
      events: total.events + erased,
      bytes: total.bytes + bytes,
      through: Math.max(total.through, through),
    };
    if (!more) break;
    step = nextStep(step, took);
    await delay(took, undefined, signal === undefined ? {} : { signal }).catch(() => {}); // aborted: the loop ends
  }
  return total;
}

/** At most twice or a quarter of the last one: one slow fsync shall not decide for long. */
function nextStep(step: number, took: number): number {
  const fitting = Math.floor((step * STEP_MS) / Math.max(took, 0.1));
  return Math.min(LARGEST_STEP, Math.max(1, Math.floor(step / 4), Math.min(fitting, step * 2)));
}
