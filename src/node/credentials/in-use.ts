import type { ForwardClock } from './forward-clock.ts';

/** Ends what is open under something the moment that ends. */
export interface InUse<Entry> {
  /**
   * What is in force under this key, and its signal, the same for every use of it: it aborts when it is in force no
   * longer.
   *
   * @returns null when nothing in force has this key
   */
  use(key: string): { readonly entry: Entry; readonly ended: AbortSignal } | null;
  /** Entries or the time have changed: ends those that are not in force any more. */
  sweep(): void;
  close(): void;
}

/** What there is under a key, and until when (milliseconds since the epoch; infinite: it never ends by itself). */
export interface Lasting<Entry> {
  readonly entry: Entry;
  readonly endsAt: number;
}

/**
 * Longest wait until the time is looked at again (milliseconds). Timers count a time of their own, which stands still
 * while the machine sleeps and knows nothing of a clock that was set; and none is longer than 24.8 days.
 */
const LONGEST_WAIT_MS = 30_000;

/**
 * @param lookUp reads the live state, which changes under our hands; null: there is no such key
 * @param why what the signals say
 */
export function inUse<Entry>(
  lookUp: (key: string) => Lasting<Entry> | null,
  clock: ForwardClock,
  why: string,
): InUse<Entry> {
  const used = new Map<string, AbortController>();
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Number.POSITIVE_INFINITY;

  function inForce(key: string): Lasting<Entry> | null {
    const found = lookUp(key);
    return found !== null && found.endsAt > clock.now() ? found : null;
  }

  /** Sees to it that this time is looked at, unless an earlier one is awaited. */
  function awaitTime(at: number): void {
    const next = Math.min(at, clock.now() + LONGEST_WAIT_MS);
    if (at === Number.POSITIVE_INFINITY || next >= timerAt) return;
    clearTimeout(timer);
    timerAt = next;
    timer = setTimeout(sweep, Math.max(1, next - clock.now()));
    timer.unref();
  }

  function sweep(): void {
    clearTimeout(timer);
    timerAt = Number.POSITIVE_INFINITY;
    let nearest = Number.POSITIVE_INFINITY;
    for (const [key, controller] of used) {
      const found = inForce(key);
      if (found === null) {
        used.delete(key);
        controller.abort(new Error(why));
      } else {
        nearest = Math.min(nearest, found.endsAt);
      }
    }
    awaitTime(nearest);
  }

  return {
    use(key) {
      const found = inForce(key);
      const known = used.get(key);
      if (found === null) {
        if (known !== undefined) sweep();
        return null;
      }
      if (known !== undefined) return { entry: found.entry, ended: known.signal };
      const controller = new AbortController();
      used.set(key, controller);
      awaitTime(found.endsAt);
      return { entry: found.entry, ended: controller.signal };
    },
    sweep,
    close: () => clearTimeout(timer),
  };
}
