import type { DatabaseSync } from 'node:sqlite';
import type { CheckedQuery } from '../filter.ts';
import { anySegmentMatches } from '../segments.ts';
import { createCounters } from './counters.ts';
import { createGroups } from './groups.ts';
import { createLanes } from './lanes.ts';
import type { PageText } from './messages.ts';
import { createRows } from './rows.ts';
import { createStreams } from './streams.ts';

/** A page ends early at this many characters of JSON: it bounds what a slow reader holds and how long a parse takes. */
const PAGE_CHARS = 512 * 1024;
/** Bodies read at once: few at first, for they may be large. */
const FIRST_BATCH = 16;
const BATCH = 128;

export interface Reader {
  page(query: CheckedQuery): PageText;
  /** Takes one step of reading ahead what filters need. @returns false when there is nothing left to read */
  warm(): boolean;
}

/** Reads pages as text, on a connection of its own: what the writer has done meanwhile it takes in by itself. */
export function createReader(db: DatabaseSync): Reader {
  const lastOfAll = db.prepare('SELECT max(position) AS position FROM events');
  const unitsOf = db.prepare('SELECT id, segment FROM units WHERE subject = ?');
  const streams = createStreams(db);
  const groups = createGroups(db);
  const lanes = createLanes(db);
  const rows = createRows(db);
  const counters = createCounters(db);
  let erasuresSeen = counters.get('erasures');

  const refresh = () => {
    streams.refresh();
    const erasures = counters.get('erasures');
    if (erasures === erasuresSeen) return;
    if (erasures === erasuresSeen + 1) lanes.forget(counters.get('erased_from'), counters.get('erased_to'));
    else lanes.forget();
    erasuresSeen = erasures;
  };

  /** Positions that match, one more than the page holds, in the order asked for. */
  const positionsOf = (query: CheckedQuery, head: number): number[] => {
    const { since, until, order, subject } = query;
    const from = Math.max(query.after + 1, since === null ? 1 : groups.firstAt(since, head));
    const to = Math.min(query.before - 1, until === null ? head : groups.firstAt(until, head) - 1, head);
    const most = query.limit + 1;
    const wanted = streams.matching(query);
    if (wanted === null && subject === undefined) return run(from, to, order, most);
    let units: number[] | null = null;
    if (subject !== undefined) {
      units = unitsOf
        .all(subject)
        .filter((unit) => anySegmentMatches(query.segments, String(unit.segment)))
        .map((unit) => Number(unit.id));
    }
    if (units?.length === 0) return [];
    return lanes.find({ from, to, head, streams: wanted, units, order }, most);
  };

  const page = (query: CheckedQuery): PageText => {
    const head = Number(lastOfAll.get()?.position ?? 0);
    refresh();
    const positions = positionsOf(query, head);
    const wanted = positions.slice(0, query.limit);
    const texts: string[] = [];
    const damaged: number[] = [];
    let chars = 0;
    let taken = 0;
    while (taken < wanted.length && chars < PAGE_CHARS) {
      const batch = wanted.slice(taken, taken + batchSize(taken, chars));
      for (const [index, body] of rows.bodiesAt(batch).entries()) {
        const position = batch[index] as number;
        if (body === null) damaged.push(position);
        else {
          texts.push(`{"position":${position},${body.slice(1)}`);
          chars += body.length;
        }
        taken++;
        if (chars >= PAGE_CHARS) break;
      }
    }
    const next = taken < positions.length ? (wanted[taken - 1] ?? null) : null;
    return { text: `[${texts.join(',')}]`, next, head, damaged };
  };

  const warming = lanes.warm(Number(lastOfAll.get()?.position ?? 0));
  return {
    page(query) {
      db.exec('BEGIN'); // one state of the log for the whole page
      try {
        return page(query);
      } finally {
        db.exec('ROLLBACK'); // nothing was written; a COMMIT fails when a statement met a damaged page
      }
    },
    warm: () => warming.next().done !== true,
  };
}

/** Up to `most` positions between `from` and `to`, in the order asked for. */
function run(from: number, to: number, order: 'oldest' | 'newest', most: number): number[] {
  const length = Math.max(0, Math.min(most, to - from + 1));
  return Array.from({ length }, (_, index) => (order === 'newest' ? to - index : from + index));
}

/** As many as the page may still have room for, by what it holds so far. */
function batchSize(taken: number, chars: number): number {
  if (taken === 0) return FIRST_BATCH;
  return Math.max(1, Math.min(BATCH, Math.ceil(((PAGE_CHARS - chars) * taken) / Math.max(chars, 1))));
}
