import type { Clock } from '../../kit/index.ts';

/** Milliseconds for which the same denial is not said again. */
const QUIET_MS = 60_000;
/** Different denials remembered; a guest that invents hosts is not to fill the memory. */
const MAX_REMEMBERED = 200;
const MAX_NAME_LENGTH = 260;

/** Says on the app's log what was denied, and how it could be allowed; each once a minute. */
export class DenialLog {
  readonly #say: (line: string) => void;
  readonly #clock: Clock;
  readonly #lastSaid = new Map<string, number>();

  constructor(say: (line: string) => void, clock: Clock) {
    this.#say = say;
    this.#clock = clock;
  }

  /** @param entry of `http_allow_list`, as the guest's authority has it */
  request(entry: string): void {
    const shown = JSON.stringify(entry.slice(0, MAX_NAME_LENGTH));
    this.#once(
      `outgoing request to ${shown} denied; the line of tabbify.toml that will allow it, under [capabilities]: ` +
        `http_allow_list = [${shown}]`,
    );
  }

  /** @param what e.g. `a TCP socket` */
  socket(what: string): void {
    this.#once(`${what} denied; apps reach other hosts by HTTP only, through wasi:http/outgoing-handler`);
  }

  #once(line: string): void {
    const now = this.#clock.now();
    const last = this.#lastSaid.get(line);
    if (last !== undefined && now - last < QUIET_MS) return;
    if (this.#lastSaid.size >= MAX_REMEMBERED) this.#lastSaid.clear();
    this.#lastSaid.set(line, now);
    this.#say(line);
  }
}
