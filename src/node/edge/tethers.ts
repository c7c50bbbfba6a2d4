/** Something that goes on for a while under a credential: a streamed answer, a WebSocket. */
export interface Tethered {
  /** The credential has ended: break off now. Must not throw. */
  end(): void;
}

/** What ends when a credential ends. One listener a credential, however many connections it has opened. */
export interface Tethers {
  /** @param ended aborts when the credential ends; one that has ended already ends this at once */
  tie(ended: AbortSignal, what: Tethered): void;
  untie(ended: AbortSignal, what: Tethered): void;
}

export function createTethers(): Tethers {
  const tied = new WeakMap<AbortSignal, Set<Tethered>>();

  function under(ended: AbortSignal): Set<Tethered> {
    const known = tied.get(ended);
    if (known !== undefined) return known;
    const made = new Set<Tethered>();
    tied.set(ended, made);
    ended.addEventListener(
      'abort',
      () => {
        for (const each of [...made]) each.end();
        made.clear();
      },
      { once: true },
    );
    return made;
  }

  return {
    tie(ended, what) {
      if (ended.aborted) what.end();
      else under(ended).add(what);
    },
    untie(ended, what) {
      tied.get(ended)?.delete(what);
    },
  };
}
