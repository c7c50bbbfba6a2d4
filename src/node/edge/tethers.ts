/** Something that goes on for a while under a credential: a streamed answer, a WebSocket. */
export interface Tethered {
  /** The credential has ended: break off now. Must not throw. */
  end(): void;
}

export interface Tether {
  /** It has ended by itself. Calling it again changes nothing. */
  untie(): void;
}

/** What ends when a credential ends. One listener a credential, however many connections it has opened. */
export interface Tethers {
  /** @param ended aborts when the credential ends; one that has ended already ends this at once */
  tie(ended: AbortSignal, what: Tethered): Tether;
}

export function createTethers(): Tethers {
  const tied = new WeakMap<AbortSignal, Tie[]>();

  function under(ended: AbortSignal): Tie[] {
    const known = tied.get(ended);
    if (known !== undefined) return known;
    const made: Tie[] = [];
    tied.set(ended, made);
    ended.addEventListener(
      'abort',
      () => {
        for (const { what } of made.splice(0)) what.end();
      },
      { once: true },
    );
    return made;
  }

  return {
    tie(ended, what) {
      if (!ended.aborted) return new Tie(what, under(ended));
      what.end();
      return { untie() {} };
    },
  };
}

/** Knows its place among the others: each request ties one, and a `Set` would keep what it had alive (see `SmallSet`). */
class Tie implements Tether {
  readonly what: Tethered;
  readonly #among: Tie[];
  #at: number;

  constructor(what: Tethered, among: Tie[]) {
    this.what = what;
    this.#among = among;
    this.#at = among.push(this) - 1;
  }

  untie(): void {
    const last = this.#among.at(-1);
    if (last === undefined || this.#among[this.#at] !== this) return;
    this.#among[this.#at] = last;
    last.#at = this.#at;
    this.#among.pop();
  }
}
