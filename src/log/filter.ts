import type { EventClass, EventDraft } from './envelope.ts';
import { logError } from './errors.ts';
import type { AppendOptions, EraseQuery, EventFilter, ReadQuery } from './log-store.ts';
import { anySegmentMatches, SEGMENT_PATTERN } from './segments.ts';

/** The attributes a filter looks at. */
export type Filterable = Pick<EventDraft, 'segment' | 'type' | 'subject' | 'tenant' | 'actor'> & {
  readonly class?: EventClass;
};

/** Does an event pass every given field of a filter? An empty list lets nothing pass. */
export function passesFilter(filter: EventFilter, event: Filterable): boolean {
  if (filter.subject !== undefined && filter.subject !== event.subject) return false;
  if (filter.types !== undefined && !filter.types.includes(event.type)) return false;
  if (filter.actor !== undefined && filter.actor !== event.actor) return false;
  if (filter.tenants !== undefined && !filter.tenants.includes(event.tenant)) return false;
  if (filter.class !== undefined && filter.class !== (event.class ?? 'office')) return false;
  return anySegmentMatches(filter.segments, event.segment);
}

const DEFAULT_PAGE = 100;
export const MAX_PAGE = 1000;

/** A read query with its defaults filled in; times in milliseconds since the epoch. */
export interface CheckedQuery extends EventFilter {
  readonly after: number;
  /** Beyond every position when the query had none. */
  readonly before: number;
  readonly since: number | null;
  readonly until: number | null;
  readonly order: 'oldest' | 'newest';
  readonly limit: number;
}

/** @throws TabbifyError `query_invalid` naming the parameter */
export function checkQuery(query: ReadQuery): CheckedQuery {
  const { after = 0, before = Number.MAX_SAFE_INTEGER, order = 'oldest', limit = DEFAULT_PAGE } = query;
  checkPosition('after', after);
  checkPosition('before', before);
  if (order !== 'oldest' && order !== 'newest') {
    throw refused(`\`order\` is ${String(order)}`, 'Ask for `oldest` or `newest` first');
  }
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    throw refused(`\`limit\` is ${limit}`, `Ask for 1 to ${MAX_PAGE} events a page`);
  }
  checkFilter(query);
  const since = timeOf('since', query.since);
  const until = timeOf('until', query.until);
  return { ...query, after, before, since, until, order, limit };
}

const DEFAULT_ERASE = 500;
const MAX_ERASE = 10_000;

/** What to erase, with its defaults filled in. */
export interface CheckedErase {
  /** Milliseconds since the epoch. */
  readonly before: number | null;
  readonly tenants?: readonly string[];
  readonly subject?: string;
  readonly limit: number;
}

/** @throws TabbifyError `query_invalid` naming the parameter */
export function checkErase(query: EraseQuery): CheckedErase {
  const { tenants, subject, limit = DEFAULT_ERASE } = query;
  if (query.before === undefined && subject === undefined) {
    throw refused(
      'nothing narrows what to erase',
      'Pass `before`, `subject` or both, so that not everything goes by mistake',
    );
  }
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_ERASE) {
    throw refused(`\`limit\` is ${limit}`, `Erase 1 to ${MAX_ERASE} events a step`);
  }
  checkFilter({ ...(tenants && { tenants }), ...(subject !== undefined && { subject }) });
  const before = timeOf('before', query.before);
  return { before, ...(tenants && { tenants }), ...(subject !== undefined && { subject }), limit };
}

function checkPosition(name: string, position: number): void {
  if (Number.isSafeInteger(position) && position >= 0) return;
  throw refused(`\`${name}\` is ${position}`, 'Pass a position: an integer of 0 or more');
}

/**
 * What a filter may ask of segments: every event that is appended is matched with every pattern of those who follow, in
 * the loop that answers visitors.
 */
const MAX_PATTERNS = 50;
const MAX_PATTERN_CHARS = 2_000;

function checkFilter(filter: EventFilter): void {
  const { segments = [] } = filter;
  if (segments.length > MAX_PATTERNS || segments.join('').length > MAX_PATTERN_CHARS) {
    throw refused(
      `it names ${segments.length} segment patterns of ${segments.join('').length} characters together`,
      `Name at most ${MAX_PATTERNS}, of ${MAX_PATTERN_CHARS} characters; \`*\` stands for any run of characters within one token`,
    );
  }
  for (const pattern of filter.segments ?? []) {
    if (pattern.length > 255 || !SEGMENT_PATTERN.test(pattern)) {
      throw refused(
        `\`${pattern.slice(0, 255)}\` is not a segment pattern`,
        'Write lower-case tokens joined by dots; `*` stands for any run of characters within one token',
      );
    }
  }
  const { class: kind } = filter;
  if (kind !== undefined && kind !== 'office' && kind !== 'traffic') {
    throw refused(`\`class\` is ${String(kind)}`, 'Ask for `office` or `traffic`');
  }
}

/** RFC 3339 with an offset, as CloudEvents writes times. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function timeOf(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw refused(`\`${name}\` is ${text.slice(0, 40)}`, 'Write a time such as `2026-01-31T12:00:00Z`');
  }
  return ms;
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

/** @throws TabbifyError `query_invalid` where a body is to be sealed by a log that has no keys */
export function refuseSealing(options: AppendOptions | undefined): void {
  if (options?.sealUnder === undefined) return;
  throw logError('query_invalid', {
    what: 'The event cannot be appended',
    why: 'its body is to be sealed, and this log holds no keys',
    hint: 'Append through the log that the node opens, which has the keyring',
  });
}

function refused(why: string, hint: string) {
  return logError('query_invalid', { what: 'The log cannot be asked for this', why, hint });
}
