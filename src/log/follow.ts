import type { StoredEvent } from './envelope.ts';
import { logClosed } from './errors.ts';
import { createGaps } from './gaps.ts';
import type { EventPage, ReadQuery, SubscribeQuery } from './log-store.ts';
import type { Tail, TailReader } from './tail.ts';

/** Events a page of a subscription holds at most; the store also bounds a page by its bytes. */
const PAGE = 500;

type Next = IteratorResult<StoredEvent, undefined>;
const DONE: Next = { done: true, value: undefined };

/**
 * A subscription: every matching event after the cursor, then live ones, without a gap or a repeat. What the tail holds
 * comes from the tail; a reader that begins before it or falls behind it takes pages until it has caught up, each read
 * only when the one before was taken, so a slow consumer costs one page of memory and nobody else's time.
 *
 * Written by hand and not as a generator: thousands of readers wait here, and each wait is one promise.
 *
 * Ends when the signal aborts.
 *
 * @throws TabbifyError `log_unavailable` when the store is closed meanwhile, `event_damaged`
 */
export function follow(
  read: (query: ReadQuery) => Promise<EventPage>,
  tail: Tail,
  { onGap, after, ...filter }: SubscribeQuery,
  signal: AbortSignal,
): AsyncIterableIterator<StoredEvent, undefined> {
  const gaps = createGaps(onGap);
  let cursor = after;
  let reader: TailReader | null = null;
  let pages: AsyncGenerator<StoredEvent, void> | null = null;
  let listening = false;
  let ended = false;
  let asked: Promise<Next> = Promise.resolve(DONE);
  let busy = false;

  const onAbort = () => reader?.wake();
  const finish = () => {
    ended = true;
    signal.removeEventListener('abort', onAbort);
    leaveTail();
  };
  const leaveTail = () => {
    const left = reader;
    if (left === null) return;
    reader = null;
    cursor = left.position;
    left.leave();
  };
  /** What stands before the tail; ends with a reader of the tail, or because of the signal. */
  async function* untilTail(): AsyncGenerator<StoredEvent, void> {
    while (!signal.aborted) {
      reader = tail.join(filter, cursor);
      if (reader !== null) return;
      const page = await read({ ...filter, after: cursor, limit: PAGE });
      for (const event of gaps.passOver(page)) {
        if (signal.aborted) return;
        yield event;
      }
      if (signal.aborted) return;
      if (page.next === null) gaps.tell();
      // A cursor beyond the head stays where it is: the reader asked for what comes after it.
      cursor = page.next ?? Math.max(cursor, page.head);
    }
  }
  const step = (resolve: (next: Next) => void, reject: (error: unknown) => void): void => {
    const fail = (error: unknown) => {
      finish();
      reject(error);
    };
    if (ended || signal.aborted) {
      finish();
      resolve(DONE);
    } else if (reader === null) {
      pages ??= untilTail();
      pages.next().then((next) => {
        if (!next.done) return resolve(next);
        pages = null;
        try {
          gaps.tell();
        } catch (error) {
          return fail(error);
        }
        step(resolve, reject);
      }, fail);
    } else {
      const event = reader.take();
      if (event !== null) resolve({ done: false, value: event });
      else if (reader.behind) {
        leaveTail();
        step(resolve, reject);
      } else if (reader.closed) fail(logClosed());
      else reader.onArrival(() => step(resolve, reject));
    }
  };
  const settled = () => {
    busy = false;
  };

  return {
    next() {
      if (busy) return asked.then(() => this.next());
      if (!listening && !signal.aborted) signal.addEventListener('abort', onAbort);
      listening = true;
      busy = true;
      asked = new Promise<Next>((resolve, reject) => {
        step(
          (next) => {
            settled();
            resolve(next);
          },
          (error) => {
            settled();
            reject(error);
          },
        );
      });
      return asked;
    },
    async return() {
      finish();
      await pages?.return();
      return DONE;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
