import type { StoredEvent } from './envelope.ts';

/**
 * A subscription whose events are taken when they are there, without a promise for each: thousands of followers wait at
 * the head of a log, and what each wait leaves behind is what the collector stops everybody for.
 */
export interface Watch {
  /**
   * The next event that is there now. Null when there is none: `arrived` is called when that may have changed, also when
   * the watch has ended; it may be called for nothing. Never throws.
   */
  take(): StoredEvent | null;
  /** Set when nothing comes any more; `error` is null after the signal aborted or the watch was closed. */
  readonly ended: { readonly error: unknown } | null;
  close(): void;
}

type Next = IteratorResult<StoredEvent, undefined>;
const DONE: Next = { done: true, value: undefined };

/**
 * A watch for whoever wants to wait for one event after the other.
 *
 * @param start begins the watch; called with the first `next()`
 */
export function iterate(
  start: (arrived: () => void) => Watch,
): AsyncIterableIterator<StoredEvent, undefined> {
  let watch: Watch | null = null;
  let waiting: (() => void) | null = null;
  let told = false; // what ended it is thrown once
  let asked: Promise<Next> = Promise.resolve(DONE);
  let busy = false;

  const arrived = () => {
    const attempt = waiting;
    waiting = null;
    attempt?.();
  };
  const attempt = (resolve: (next: Next) => void, reject: (error: unknown) => void): void => {
    watch ??= start(arrived);
    const event = watch.take();
    if (event === null && watch.ended === null) {
      waiting = () => attempt(resolve, reject);
      return;
    }
    busy = false;
    if (event !== null) resolve({ done: false, value: event });
    else if (told || watch.ended === null || watch.ended.error === null) resolve(DONE);
    else {
      told = true;
      reject(watch.ended.error);
    }
  };
  return {
    next() {
      if (busy) return asked.then(() => this.next());
      busy = true;
      asked = new Promise<Next>(attempt);
      return asked;
    },
    async return() {
      told = true;
      watch ??= start(arrived);
      watch.close();
      arrived();
      return DONE;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
