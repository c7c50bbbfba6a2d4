import type { EventDraft } from './envelope.ts';
import { logError } from './errors.ts';
import type { AppendOptions, EventFilter, ReadQuery } from './log-store.ts';
import { anySegmentMatches, SEGMENT_PATTERN } from './segments.ts';

/** The attributes a filter looks at. */
export type Filterable = Pick<EventDraft, 'segment' | 'type' | 'subject'>;

/** Does an event pass every given field of a filter? An empty list lets nothing pass. */
export function passesFilter(filter: EventFilter, event: Filterable): boolean {
  if (filter.subject !== undefined && filter.subject !== event.subject) return false;
  if (filter.types !== undefined && !filter.types.includes(event.type)) return false;
  return anySegmentMatches(filter.segments, event.segment);
}

const DEFAULT_PAGE = 100;
export const MAX_PAGE = 1000;

/** A read query with its defaults filled in. */
export type CheckedQuery = EventFilter & { readonly after: number; readonly limit: number };

/** @throws TabbifyError `query_invalid` naming the parameter */
export function checkQuery(query: ReadQuery): CheckedQuery {
  const { after = 0, limit = DEFAULT_PAGE } = query;
  if (!Number.isSafeInteger(after) || after < 0) {
    throw refused(`\`after\` is ${after}`, 'Pass a position: an integer of 0 or more');
  }
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    throw refused(`\`limit\` is ${limit}`, `Ask for 1 to ${MAX_PAGE} events a page`);
  }
  for (const pattern of query.segments ?? []) {
    if (pattern.length > 255 || !SEGMENT_PATTERN.test(pattern)) {
      throw refused(
        `\`${pattern.slice(0, 255)}\` is not a segment pattern`,
        'Write lower-case tokens joined by dots; `*` stands for any run of characters within one token',
      );
    }
  }
  return { ...query, after, limit };
}

/**
 * @returns null for no expectation
 * @throws TabbifyError `query_invalid`
 */
export function checkExpectation(options: AppendOptions | undefined): number | null {
  const expected = options?.expectedPosition;
  if (expected === undefined) return null;
  if (!Number.isSafeInteger(expected) || expected < 0) {
    throw logError('query_invalid', {
      what: 'The event cannot be appended',
      why: `the expected position is ${expected}`,
      hint: 'Pass the position of the last event of the same segment and subject, 0 for none',
    });
  }
  return expected;
}

function refused(why: string, hint: string) {
  return logError('query_invalid', { what: 'The log cannot be read like this', why, hint });
}
