import type { EventFilter, LogStore, ReadQuery, StoredEvent } from '../../log/index.ts';
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
  const { events, damaged, head } = await eventsAt(log, found.positions, asked);
  return {
    // their words are being taken out of the search at this moment
    events: found.unfinished ? events.filter((event) => event.erased === undefined) : events,
    next: found.next,
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

/** Events by their positions, in that order, those that pass the filter; read side by side. */
async function eventsAt(
  log: Pick<LogStore, 'read'>,
  positions: readonly number[],
  filter: EventFilter,
): Promise<{ events: StoredEvent[]; damaged: number[]; head: number }> {
  const { segments, types, subject, actor, tenants, class: only } = filter;
  const passing: EventFilter = {
    ...(segments && { segments }),
    ...(types && { types }),
    ...(subject !== undefined && { subject }),
    ...(actor !== undefined && { actor }),
    ...(tenants && { tenants }),
    ...(only && { class: only }),
  };
  const pages = await Promise.all(
    positions.map((position) =>
      log.read({ ...passing, after: position - 1, before: position + 1, limit: 1 }),
    ),
  );
  return {
    events: pages.flatMap((page) => page.events),
    damaged: pages.flatMap((page) => page.damaged),
    head: Math.max(0, ...pages.map((page) => page.head)),
  };
}
