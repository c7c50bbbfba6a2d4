/** What an app may use of the CPU. */
export interface CpuBounds {
  /** Milliseconds without a turn of its event loop. */
  readonly turnMs: number;
  /** Milliseconds within a minute. */
  readonly minuteMs: number;
}

/**
 * The office's bounds. A second without a turn: by then every other visitor has waited a second too. 50 s in a minute: an app
 * whose visitors keep it at work stays below, as its box has one core; one that spins in small steps does not.
 */
export const OFFICE_CPU: CpuBounds = { turnMs: 1_000, minuteMs: 50_000 };

const WINDOW_MS = 60_000;
/** Milliseconds between two readings that are kept for the minute. */
const KEPT_EVERY_MS = 1_000;

/** What is to be done after a look. */
export type CpuVerdict = 'nothing' | 'ask' | 'turn_exhausted' | 'minute_exhausted';

/**
 * Judges by readings of the CPU that an app has used, and by its answers, whether it still turns. CPU is counted, not time: an app
 * that a busy machine keeps waiting uses none.
 */
export class CpuAccount {
  readonly #bounds: CpuBounds;
  /** Reading when the question that is open was asked. */
  #asked: number | null = null;
  /** Reading when the last question was asked that has been answered. */
  #turned = 0;
  /** Readings of the last minute: time and CPU, oldest first. */
  readonly #kept: { readonly at: number; readonly cpuMs: number }[] = [];

  constructor(bounds: CpuBounds) {
    this.#bounds = bounds;
  }

  /** Is a question open? */
  get isAsking(): boolean {
    return this.#asked !== null;
  }

  /** CPU that may be used before the app must be asked, so that it is ended within a fifth above its bound. */
  get graceMs(): number {
    return this.#bounds.turnMs / 20;
  }

  /**
   * @param now milliseconds, of whatever beginning
   * @param cpuMs all that the app has used so far
   */
  look(now: number, cpuMs: number): CpuVerdict {
    if (this.#usedInMinute(now, cpuMs) > this.#bounds.minuteMs) return 'minute_exhausted';
    if (this.#asked !== null)
      return cpuMs - this.#asked >= this.#bounds.turnMs ? 'turn_exhausted' : 'nothing';
    if (cpuMs - this.#turned < this.graceMs) return 'nothing';
    this.#asked = cpuMs;
    return 'ask';
  }

  /** CPU that may be used until the question that is open is given up; without one, all there may be. @param cpuMs as in `look` */
  leftMs(cpuMs: number): number {
    return this.#bounds.turnMs - (cpuMs - (this.#asked ?? cpuMs));
  }

  /** The question that is open has been answered. */
  answered(): void {
    if (this.#asked !== null) this.#turned = this.#asked;
    this.#asked = null;
  }

  #usedInMinute(now: number, cpuMs: number): number {
    const kept = this.#kept;
    const last = kept.at(-1);
    if (last === undefined || now - last.at >= KEPT_EVERY_MS) kept.push({ at: now, cpuMs });
    // The first one stays that is at least as old as the window.
    while (kept[1] !== undefined && now - kept[1].at >= WINDOW_MS) kept.shift();
    const first = kept[0];
    if (first === undefined) return 0;
    const age = now - first.at;
    // Of a reading older than the window only the part that may be within counts.
    const used = cpuMs - first.cpuMs;
    return age > WINDOW_MS ? (used * WINDOW_MS) / age : used;
  }
}
