import type { StoredEvent } from './envelope.ts';
import { logClosed } from './errors.ts';
import type { EventPage, ReadQuery, SubscribeQuery } from './log-store.ts';
import type { Tail } from './tail.ts';

/** Events a page of a subscription holds at most; the store also bounds a page by its bytes. */
const PAGE = 500;

/**
 * A subscription over pages: every matching event after the cursor, then live ones, without a gap or a repeat.
 * A page is read only when the consumer has taken the one before, so a slow consumer costs one page of memory.
 *
 * Ends when the signal aborts.
 *
 * @throws TabbifyError `log_unavailable` when the store is closed meanwhile
 */
export async function* follow(
  read: (query: ReadQuery) => Promise<EventPage>,
  tail: Tail,
  query: SubscribeQuery,
  signal: AbortSignal,
): AsyncGenerator<StoredEvent, void, undefined> {
  let cursor = query.after;
  while (!signal.aborted) {
    const page = await read({ ...query, after: cursor, limit: PAGE });
    for (const event of page.events) {
      if (signal.aborted) return;
      yield event;
    }
    if (page.next !== null) {
      cursor = page.next;
      continue;
    }
    // A cursor beyond the head stays where it is: the reader asked for what comes after it.
    cursor = Math.max(cursor, page.head);
    const woken = await tail.after(cursor, query, signal);
    if (woken === null) {
      if (signal.aborted) return;
      throw logClosed();
    }
    cursor = Math.max(cursor, woken - 1); // what lies between did not pass the filter
  }
}
