import {
  type EventFilter,
  type LogStore,
  type ReadQuery,
  type StoredEvent,
  storedBytes,
} from '../../log/index.ts';
import type { Projections } from '../projections/projections.ts';

/** A page of a full-text search. */
export interface SearchPage {
  readonly events: readonly StoredEvent[];
  /** To go on pass it as `before` (newest first) or `after`; null when there is no more. */
  readonly next: number | null;
  readonly head: number;
  readonly damaged: readonly number[];
  /** Everything up to here was searched; less than `head` when the search could not keep up. */
  readonly searched_to: number;
}

/**
 * The events that have these words. The timeline says where they stand; what is in them, and whether the asker may see
 * it, says the log: each is read through the filter again.
 *
 * @throws projection_unavailable 503; request_invalid, query_invalid 400
 */
export async function searchEvents(
  log: Pick<LogStore, 'read'>,
  projections: Pick<Projections, 'search'>,
  query: ReadQuery & { readonly q: string },
): Promise<SearchPage> {
  const { q, ...read } = query;
  const checked = await log.read({ ...read, limit: 1 }); // says what is wrong with the query
  const { since, until, ...asked } = read;
  const nothing: SearchPage = {
    events: [],
    next: null,
    head: checked.head,
    damaged: [],
    searched_to: checked.head,
  };
  const after = since === undefined ? 0 : await firstSince(log, since);
  const before = until === undefined ? Number.POSITIVE_INFINITY : await firstSince(log, until);
  if (after === null) return nothing;
  const found = await projections.search({
    ...asked,
    q,
    after: Math.max(asked.after ?? 0, after - 1),
    before: Math.min(asked.before ?? Number.POSITIVE_INFINITY, before ?? Number.POSITIVE_INFINITY),
  });
  const { events, damaged, head, cutAt } = await eventsAt(log, found.positions, asked);
  return {
    // their words are being taken out of the search at this moment
    events: found.unfinished ? events.filter((event) => event.erased === undefined) : events,
    next: cutAt ?? found.next,
    head: Math.max(head, checked.head),
    damaged,
    searched_to: found.searchedTo,
  };
}

/** Position of the first event that the log took in at this time or later; null: none yet. */
async function firstSince(log: Pick<LogStore, 'read'>, time: string): Promise<number | null> {
  const { events, damaged } = await log.read({ since: time, limit: 1 });
  const positions = [...events.map(({ position }) => position), ...damaged];
  return positions.length === 0 ? null : Math.min(...positions);
}

/** A page ends early at this many bytes, as one of the log does: more would hold the event loop while it is written. */
const PAGE_BYTES = 512 * 1024;
/** Events read side by side. */
const AT_ONCE = 16;

/**
 * Events by their positions, in that order, those that pass the filter.
 *
 * @returns `cutAt`: the last position that was read when the page was full before the end; else null
 */
async function eventsAt(
  log: Pick<LogStore, 'read'>,
  positions: readonly number[],
  filter: EventFilter,
): Promise<{ events: StoredEvent[]; damaged: number[]; head: number; cutAt: number | null }> {
  const { segments, types, subject, actor, tenants, class: only } = filter;
  const passing: EventFilter = {
    ...(segments && { segments }),
    ...(types && { types }),
    ...(subject !== undefined && { subject }),
    ...(actor !== undefined && { actor }),
    ...(tenants && { tenants }),
    ...(only && { class: only }),
  };
  const events: StoredEvent[] = [];
  const damaged: number[] = [];
  let head = 0;
  let bytes = 0;
  for (let taken = 0; taken < positions.length; taken += AT_ONCE) {
    if (bytes >= PAGE_BYTES) return { events, damaged, head, cutAt: positions[taken - 1] ?? null };
    const pages = await Promise.all(
      positions
        .slice(taken, taken + AT_ONCE)
        .map((position) => log.read({ ...passing, after: position - 1, before: position + 1, limit: 1 })),
    );
    for (const page of pages) {
      events.push(...page.events);
      damaged.push(...page.damaged);
      head = Math.max(head, page.head);
      for (const event of page.events) bytes += storedBytes(event);
    }
  }
  return { events, damaged, head, cutAt: null };
}
