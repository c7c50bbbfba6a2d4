import type { Clock } from '../kit/index.ts';

export type LogOrigin = 'stdout' | 'stderr' | 'platform';
export type LogLine = (origin: LogOrigin, line: string) => void;

/** Lines an app may log within one second; the rest is counted and said in one line. */
const MAX_LINES_PER_SECOND = 1000;
const WINDOW_MS = 1000;

/** The log of one app, kept to a rate its readers can bear. */
export class AppLog {
  readonly #write: LogLine;
  readonly #clock: Clock;
  #windowStart = 0;
  #lines = 0;
  #dropped = 0;

  constructor(write: LogLine, clock: Clock) {
    this.#write = write;
    this.#clock = clock;
  }

  line(origin: LogOrigin, text: string): void {
    this.#turnWindow();
    if (++this.#lines > MAX_LINES_PER_SECOND) this.#dropped++;
    else this.#write(origin, text);
  }

  #turnWindow(): void {
    const now = this.#clock.now();
    if (now - this.#windowStart < WINDOW_MS) return;
    if (this.#dropped > 0) {
      this.#write(
        'platform',
        `${this.#dropped} lines were dropped: more than ${MAX_LINES_PER_SECOND} a second`,
      );
    }
    this.#windowStart = now;
    this.#lines = 0;
    this.#dropped = 0;
  }
}
