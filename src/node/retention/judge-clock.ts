/** What earlier runs know of the clock; milliseconds since the epoch. */
export interface ClockHistory {
  /** The last time that was believed. */
  readonly believed: number;
  /** A time that was too far ahead to be believed at once; null: none. */
  readonly doubted: number | null;
}

export interface Judgement {
  readonly history: ClockHistory;
  /** May bodies be erased by their age now? */
  readonly believe: boolean;
}

/** A clock that went on by more than this since the last run has leapt, or the office was closed. */
const LEAP_MS = 24 * 3600 * 1000;

/**
 * Decides whether to erase by this clock. A clock that leaps a year ahead by mistake would make every body too old at
 * once; so a leap is believed only when a run later the clock still goes on from there. An office that was closed for
 * longer loses nothing but that one run. A clock that steps back makes bodies younger: that is believed.
 *
 * @param between milliseconds from one run to the next
 */
export function judgeClock({ believed, doubted }: ClockHistory, now: number, between: number): Judgement {
  if (now - believed <= LEAP_MS) return { history: { believed: now, doubted: null }, believe: true };
  if (doubted !== null) {
    const since = now - doubted;
    // Looked at again too early: it stays in doubt from the time it was first seen.
    if (since >= 0 && since < between * 0.9) return { history: { believed, doubted }, believe: false };
    if (since >= 0 && since <= LEAP_MS) return { history: { believed: now, doubted: null }, believe: true };
  }
  return { history: { believed, doubted: now }, believe: false };
}
