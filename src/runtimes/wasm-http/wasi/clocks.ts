import type { Guest } from '../guest.ts';
import { Pollable } from './io/pollable.ts';
import { type Waitable, Watchers } from './io/waitable.ts';

const NANOSECONDS_PER_MS = 1_000_000;
/** Longest delay a Node timer knows; a longer wait looks again after it. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** `wasi:clocks/monotonic-clock`. */
export function monotonicClock(guest: Guest) {
  const now = () => process.hrtime.bigint();
  const after = (nanoseconds: bigint) =>
    new Pollable(guest, new Deadline(performance.now() + Number(nanoseconds) / NANOSECONDS_PER_MS));
  return {
    now,
    resolution: () => 1n,
    subscribeDuration: (duration: bigint) => after(duration),
    subscribeInstant: (instant: bigint) => after(instant - now()),
  };
}

/** `wasi:clocks/wall-clock`. */
export const wallClock = {
  now() {
    const ms = Date.now();
    return { seconds: BigInt(Math.floor(ms / 1000)), nanoseconds: (ms % 1000) * NANOSECONDS_PER_MS };
  },
  resolution: () => ({ seconds: 0n, nanoseconds: NANOSECONDS_PER_MS }),
};

/** A moment of `performance.now()`. A timer runs only while somebody waits, so none is left behind by a guest that ends. */
class Deadline implements Waitable {
  readonly #dueMs: number;
  readonly #watchers = new Watchers();
  #timer: NodeJS.Timeout | null = null;

  constructor(dueMs: number) {
    this.#dueMs = dueMs;
  }

  ready(): boolean {
    return performance.now() >= this.#dueMs;
  }

  watch(wake: () => void): void {
    this.#watchers.add(wake);
    if (this.#timer !== null) return;
    const delayMs = Math.max(0, Math.ceil(this.#dueMs - performance.now()));
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#watchers.wakeAll();
      },
      Math.min(delayMs, MAX_TIMER_MS),
    );
  }

  unwatch(wake: () => void): void {
    this.#watchers.delete(wake);
    if (this.#watchers.size > 0 || this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }
}
