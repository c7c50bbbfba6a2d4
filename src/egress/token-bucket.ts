import type { Clock } from '../kit/index.ts';

/** So many at once, and so many per second in the long run. */
export class TokenBucket {
  readonly #size: number;
  readonly #perSecond: number;
  readonly #clock: Clock;
  #tokens: number;
  #filledAt: number;

  constructor(size: number, perSecond: number, clock: Clock) {
    this.#size = size;
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#tokens = size;
    this.#filledAt = clock.now();
  }

  /** Takes one; false: there is none. */
  take(): boolean {
    const now = this.#clock.now();
    const gained = (Math.max(0, now - this.#filledAt) / 1_000) * this.#perSecond;
    this.#tokens = Math.min(this.#size, this.#tokens + gained);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
