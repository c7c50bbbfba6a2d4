/** First and longest pause between two tries, milliseconds: an office restarts within two seconds. */
const FIRST_MS = 100;
const LONGEST_MS = 5_000;

/** Pauses that double, each shortened by up to a half, so that many readers do not come back at the same moment. */
export function createBackoff(random: () => number = Math.random) {
  let nextMs = FIRST_MS;
  return {
    nextMs(): number {
      const pauseMs = nextMs * (1 - random() / 2);
      nextMs = Math.min(nextMs * 2, LONGEST_MS);
      return pauseMs;
    },
    reset() {
      nextMs = FIRST_MS;
    },
  };
}
