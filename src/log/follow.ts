import type { StoredEvent } from './envelope.ts';
import { logClosed } from './errors.ts';
import { createGaps } from './gaps.ts';
import type { EventPage, ReadQuery, SubscribeQuery } from './log-store.ts';
import type { Tail, TailReader } from './tail.ts';
import type { Watch } from './watch.ts';

/** Events a page of a subscription holds at most; the store also bounds a page by its bytes. */
const PAGE = 500;

/**
 * Every matching event after the cursor, then live ones, without a gap or a repeat. What the tail holds comes from the
 * tail; a reader that begins before it or falls behind it takes pages until it has caught up, each read only when the
 * one before was taken, so a slow consumer costs one page of memory and nobody else's time.
 *
 * Ends when the signal aborts; with TabbifyError `log_unavailable` when the store is closed meanwhile, with
 * `event_damaged`, or with what a page could not be read for.
 */
export function follow(
  read: (query: ReadQuery) => Promise<EventPage>,
  tail: Tail,
  { onGap, after, ...filter }: SubscribeQuery,
  signal: AbortSignal,
  arrived: () => void,
): Watch {
  const gaps = createGaps(onGap);
  let cursor = after;
  let reader: TailReader | null = null;
  let pages: AsyncGenerator<StoredEvent, void> | null = null;
  /** The next event of the pages. */
  let turned: StoredEvent | null = null;
  let turning = false;
  let ended: { readonly error: unknown } | null = signal.aborted ? { error: null } : null;

  const leaveTail = () => {
    const left = reader;
    if (left === null) return;
    reader = null;
    cursor = left.position;
    left.leave();
  };
  const finish = (error: unknown) => {
    if (ended !== null) return;
    ended = { error };
    signal.removeEventListener('abort', onAbort);
    leaveTail();
    pages?.return().catch(() => {}); // nobody asks for them any more
  };
  const onAbort = () => {
    finish(null);
    arrived();
  };
  if (ended === null) signal.addEventListener('abort', onAbort);

  /** What stands before the tail; ends with a reader of the tail, or because nobody follows any more. */
  async function* untilTail(): AsyncGenerator<StoredEvent, void> {
    while (ended === null) {
      reader = tail.join(filter, cursor);
      if (reader !== null) return;
      const page = await read({ ...filter, after: cursor, limit: PAGE });
      for (const event of gaps.passOver(page)) {
        if (ended !== null) return;
        yield event;
      }
      if (ended !== null) return;
      if (page.next === null) gaps.tell();
      // A cursor beyond the head stays where it is: the reader asked for what comes after it.
      cursor = page.next ?? Math.max(cursor, page.head);
    }
  }
  const turnPages = async () => {
    if (turning) return;
    turning = true;
    try {
      pages ??= untilTail();
      const next = await pages.next();
      if (ended !== null) return;
      if (!next.done) turned = next.value;
      else {
        pages = null;
        gaps.tell();
      }
    } catch (error) {
      finish(error);
    } finally {
      turning = false;
    }
    arrived();
  };
  const take = (): StoredEvent | null => {
    while (ended === null) {
      if (turned !== null) {
        const event = turned;
        turned = null;
        return event;
      }
      if (reader === null) {
        void turnPages();
        return null;
      }
      const event = reader.take();
      if (event !== null) return event;
      if (reader.behind) leaveTail();
      else if (reader.closed) finish(logClosed());
      else {
        reader.onArrival(arrived);
        return null;
      }
    }
    return null;
  };
  return {
    take,
    get ended() {
      return ended;
    },
    close: () => finish(null),
  };
}
