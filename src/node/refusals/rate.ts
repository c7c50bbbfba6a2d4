/** How much may happen: a burst at once, then one each interval (a token bucket). */
export interface Rate {
  readonly burst: number;
  readonly intervalMs: number;
}

/** What is left of a rate. Time comes in as milliseconds since the epoch. */
export interface Allowance {
  /** Takes one when there is one. */
  take(now: number): boolean;
}

/** @param start now; the burst is there from the beginning */
export function allowance({ burst, intervalMs }: Rate, start: number): Allowance {
  let left = burst;
  let countedAt = start;
  return {
    take(now) {
      if (now < countedAt) countedAt = now; // the clock was set back: it must not stop the refill for as long
      const earned = Math.floor((now - countedAt) / intervalMs);
      if (left + earned >= burst) {
        left = burst;
        countedAt = now;
      } else {
        left += earned;
        countedAt += earned * intervalMs;
      }
      if (left === 0) return false;
      left -= 1;
      return true;
    },
  };
}
