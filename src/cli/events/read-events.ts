import type { EventQuery, EventsClient } from '../client/events.ts';
import type { EventReply } from '../client/replies.ts';

/** The largest page the office gives. */
const PAGE = 1000;

export interface ToldEvents {
  /** In the order asked for. */
  readonly events: readonly EventReply[];
  /** Position of the last event of the log when it was first asked. */
  readonly head: number;
  /** Positions that were left out because they are damaged on disk. */
  readonly damaged: readonly number[];
  /** With words to search for: everything up to here was searched. */
  readonly searchedTo: number | null;
}

/** Matching events, as many as asked for, in as many pages as it takes. */
export async function readEvents(
  client: Pick<EventsClient, 'page'>,
  query: Omit<EventQuery, 'limit'> & { readonly order: 'oldest' | 'newest' },
  limit: number,
): Promise<ToldEvents> {
  const events: EventReply[] = [];
  const damaged: number[] = [];
  let from = {};
  for (let head: number | null = null, searchedTo: number | null = null; ; ) {
    const page = await client.page({
      ...query,
      ...from,
      limit: Math.max(1, Math.min(PAGE, limit - events.length)),
    });
    head ??= page.head;
    searchedTo ??= page.searched_to ?? null;
    events.push(...page.events.slice(0, limit - events.length));
    damaged.push(...page.damaged);
    if (page.next === null || events.length >= limit) return { events, head, damaged, searchedTo };
    from = query.order === 'newest' ? { before: page.next } : { after: page.next };
  }
}
