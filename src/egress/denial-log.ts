import type { Clock } from '../kit/index.ts';

/** Milliseconds for which the same denial is not said again. */
const QUIET_MS = 60_000;
/** Different denials said within that time; an app that invents hosts is to fill neither the memory nor its log. */
const MAX_REMEMBERED = 200;
const MAX_NAME_LENGTH = 260;

/** Says on the app's log what was denied, and how it could be allowed; each once a minute. */
export class DenialLog {
  readonly #say: (line: string) => void;
  readonly #clock: Clock;
  readonly #onDenied: (entry: string) => void;
  /** In the order in which they were said. */
  readonly #lastSaid = new Map<string, number>();
  #saidFullAt = Number.NEGATIVE_INFINITY;

  /** @param onDenied told at every denial which entry would be needed, whether it is said or not */
  constructor(say: (line: string) => void, clock: Clock, onDenied: (entry: string) => void = () => {}) {
    this.#say = say;
    this.#clock = clock;
    this.#onDenied = onDenied;
  }

  /** @param entry of `http_allow_list` that would be needed */
  host(entry: string): void {
    this.#onDenied(entry);
    const shown = JSON.stringify(entry.slice(0, MAX_NAME_LENGTH));
    this.#once(
      `outgoing connection to ${shown} denied; the line of tabbify.toml that will allow it, under [capabilities]: ` +
        `http_allow_list = [${shown}]`,
    );
  }

  /**
   * What no line of a manifest allows.
   *
   * @param what e.g. `a TCP socket`; text of the app's in it is JSON, and short
   */
  other(what: string, why: string): void {
    this.#once(`${what} denied; ${why}`);
  }

  /** An open connection was broken off: what allowed it was taken back. @param authority `host:port` */
  ended(authority: string): void {
    const shown = JSON.stringify(authority.slice(0, MAX_NAME_LENGTH));
    this.#once(`the connection to ${shown} was ended; what allowed it was taken back`);
  }

  #once(line: string): void {
    const now = this.#clock.now();
    this.#forget(now);
    if (this.#lastSaid.has(line)) return;
    if (this.#lastSaid.size < MAX_REMEMBERED) {
      this.#lastSaid.set(line, now);
      this.#say(line);
    } else if (now - this.#saidFullAt >= QUIET_MS) {
      this.#saidFullAt = now;
      this.#say(
        `more than ${MAX_REMEMBERED} different connections denied within a minute; others are not told`,
      );
    }
  }

  #forget(now: number): void {
    for (const [line, saidAt] of this.#lastSaid) {
      if (now - saidAt < QUIET_MS) return;
      this.#lastSaid.delete(line);
    }
  }
}
