import type { DatabaseSync } from 'node:sqlite';
import { createLabels, type LabelKind, tokenOf } from './labels.ts';

/** What is looked for: every given field must match. Positions are inclusive. */
export interface TimelineQuery {
  /** Expression of `wordsExpression`. */
  readonly words: string;
  readonly tenants?: readonly string[];
  readonly classes?: readonly string[];
  /** Segments themselves: patterns were resolved before. */
  readonly segments?: readonly string[];
  readonly types?: readonly string[];
  readonly subjects?: readonly string[];
  readonly actors?: readonly string[];
  readonly lowest: number;
  readonly highest: number;
  readonly order: 'oldest' | 'newest';
  readonly limit: number;
}

export interface TimelineAnswer {
  /** In the order asked for. */
  readonly positions: readonly number[];
  /** Up to here (towards the end of the order) everything was looked at; null: there is no more. */
  readonly next: number | null;
}

/** Positions looked at first; four times as many each time that too little was found. */
const FIRST_WINDOW = 2_000;
/**
 * Milliseconds of work after which an answer is given as it is: a page may be shorter than asked, and says where to go on.
 * Time in which the thread did not run is not counted: on a busy machine pages would be short for nothing.
 */
const BUDGET_MS = 4;

/**
 * Searches the index in windows of positions, from the end that is wanted first. Within a window the index goes by
 * position and leaps over what does not match, so a page costs what is near, not what the log holds.
 */
export function createTimelineSearch(
  db: DatabaseSync,
  firstWindow = FIRST_WINDOW,
): (query: TimelineQuery) => TimelineAnswer {
  const labels = createLabels(db);
  // Numbers are bound as BigInt: the index takes no notice of bounds that are not integers to SQLite.
  const matching = db.prepare(
    'SELECT rowid FROM timeline_words WHERE timeline_words MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid LIMIT ?',
  );

  return (query) => {
    const { order, limit } = query;
    const expression = expressionOf(query, labels.find);
    if (expression === null) return { positions: [], next: null };
    const rowsIn = (low: number, high: number, most: number): number[] => {
      const rows = matching.all(expression, BigInt(low), BigInt(high), BigInt(most));
      return rows.map((row) => Number(row.rowid));
    };
    const newest = order === 'newest';
    const found: number[] = [];
    const began = process.threadCpuUsage();
    let { lowest: low, highest: high } = query;
    let window = firstWindow;
    while (low <= high) {
      const from = newest ? Math.max(low, high - window + 1) : low;
      const to = newest ? high : Math.min(high, low + window - 1);
      const wanted = limit - found.length;
      const rows = rowsIn(from, to, newest ? window : wanted);
      const taken = newest ? rows.reverse().slice(0, wanted) : rows;
      found.push(...taken);
      const full = found.length >= limit;
      const reached = full ? (found.at(-1) ?? 0) : newest ? from : to;
      if (newest) high = reached - 1;
      else low = reached + 1;
      if (full || workedMs(began) > BUDGET_MS) {
        return { positions: found, next: low <= high ? reached : null };
      }
      window *= 4;
    }
    return { positions: found, next: null };
  };
}

function workedMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(since);
  return (user + system) / 1000;
}

/** @returns null when nothing can match */
function expressionOf(
  query: TimelineQuery,
  find: (kind: LabelKind, value: string) => number | null,
): string | null {
  const { words, tenants, classes, segments, types, subjects, actors } = query;
  const narrowed: [LabelKind, readonly string[] | undefined][] = [
    ['tenant', tenants],
    ['class', classes],
    ['segment', segments],
    ['type', types],
    ['subject', subjects],
    ['actor', actors],
  ];
  const parts = [words];
  for (const [kind, values] of narrowed) {
    if (values === undefined) continue;
    const tokens = values.flatMap((value) => find(kind, value) ?? []).map(tokenOf);
    if (tokens.length === 0) return null;
    parts.push(`keys : (${tokens.join(' OR ')})`);
  }
  return parts.map((part) => `(${part})`).join(' AND ');
}
