/** Bytes an app may write at once, and per second on end: a flood must hold up neither its requests nor the disk. */
const BURST_BYTES = 8 * 1024 * 1024;
const BYTES_PER_SECOND = 1024 * 1024;

/** How much of its output an app has left to be kept: a token bucket over bytes. */
export interface LogBudget {
  /** Takes so many bytes, or nothing and says false. @param now milliseconds, never running back by much */
  take(bytes: number, now: number): boolean;
}

/** A full bucket. */
export function createLogBudget(
  { burstBytes, bytesPerSecond } = { burstBytes: BURST_BYTES, bytesPerSecond: BYTES_PER_SECOND },
): LogBudget {
  let left = burstBytes;
  let at: number | null = null;
  return {
    take(bytes, now) {
      const passed = Math.max(0, now - (at ?? now));
      at = now;
      left = Math.min(burstBytes, left + (passed / 1000) * bytesPerSecond);
      if (bytes > left) return false;
      left -= bytes;
      return true;
    },
  };
}
