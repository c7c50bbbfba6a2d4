import type { StoredEvent } from './envelope.ts';
import { logClosed } from './errors.ts';
import { createGaps } from './gaps.ts';
import type { EventPage, ReadQuery, SubscribeQuery } from './log-store.ts';
import type { Tail } from './tail.ts';

/** Events a page of a subscription holds at most; the store also bounds a page by its bytes. */
const PAGE = 500;

/**
 * A subscription: every matching event after the cursor, then live ones, without a gap or a repeat. What the tail holds
 * comes from the tail; a reader that begins before it or falls behind it takes pages until it has caught up, each read
 * only when the one before was taken, so a slow consumer costs one page of memory and nobody else's time.
 *
 * Ends when the signal aborts.
 *
 * @throws TabbifyError `log_unavailable` when the store is closed meanwhile, `event_damaged`
 */
export async function* follow(
  read: (query: ReadQuery) => Promise<EventPage>,
  tail: Tail,
  { onGap, after, ...filter }: SubscribeQuery,
  signal: AbortSignal,
): AsyncGenerator<StoredEvent, void, undefined> {
  const gaps = createGaps(onGap);
  let cursor = after;
  while (!signal.aborted) {
    const reader = tail.join(filter, cursor);
    if (reader === null) {
      const page = await read({ ...filter, after: cursor, limit: PAGE });
      for (const event of gaps.passOver(page)) {
        if (signal.aborted) return;
        yield event;
      }
      if (signal.aborted) return;
      if (page.next === null) gaps.tell();
      // A cursor beyond the head stays where it is: the reader asked for what comes after it.
      cursor = page.next ?? Math.max(cursor, page.head);
      continue;
    }
    const wake = () => reader.wake();
    signal.addEventListener('abort', wake);
    try {
      gaps.tell();
      while (!signal.aborted) {
        const event = reader.take();
        if (event !== null) yield event;
        else if (reader.behind) break;
        else if (reader.closed) throw logClosed();
        else await reader.arrived();
      }
    } finally {
      signal.removeEventListener('abort', wake);
      cursor = reader.position;
      reader.leave();
    }
  }
}
