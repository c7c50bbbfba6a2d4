import type { DatabaseSync } from 'node:sqlite';
import type { CheckedQuery } from '../filter.ts';
import { anySegmentMatches } from '../segments.ts';
import type { PageText } from './messages.ts';
import type { Streams } from './streams.ts';

/** A page ends early at this many bytes of JSON: it bounds what a slow reader holds and how long a parse takes. */
const PAGE_BYTES = 512 * 1024;

/** Up to here a page is merged from one index range per stream; beyond, the log is scanned in order. */
const MERGED_STREAMS = 64;

/** @returns reads one page as text, oldest first; `head` is the position of the last event */
export function createReader(db: DatabaseSync, streams: Streams) {
  const unitsOf = db.prepare('SELECT id, segment FROM units WHERE subject = ?');
  const inOrder = db.prepare(
    'SELECT position, body FROM events WHERE position > ? ORDER BY position LIMIT ?',
  );
  const byStream = db.prepare(
    'SELECT position FROM events WHERE stream = ? AND position > ? ORDER BY position LIMIT ?',
  );
  const bodyAt = db.prepare('SELECT position, body FROM events WHERE position = ?');

  /** Positions of one subject's events: its units are few, each an index range. */
  const ofSubject = (query: CheckedQuery, subject: string, wanted: number[] | null): number[] => {
    const among = wanted === null ? '' : `AND stream IN (${wanted.join(',')})`;
    const byUnit = db.prepare(
      `SELECT position FROM events WHERE unit = ? AND position > ? ${among} ORDER BY position LIMIT ?`,
    );
    return unitsOf
      .all(subject)
      .filter((unit) => anySegmentMatches(query.segments, String(unit.segment)))
      .flatMap((unit) => byUnit.all(Number(unit.id), query.after, query.limit))
      .map((row) => Number(row.position));
  };

  const ofStreams = (query: CheckedQuery, wanted: number[]): number[] => {
    if (wanted.length <= MERGED_STREAMS) {
      return wanted
        .flatMap((stream) => byStream.all(stream, query.after, query.limit))
        .map((row) => Number(row.position));
    }
    // The unary plus keeps the planner off the index of streams, which would sort the whole log for one page.
    return db
      .prepare(
        `SELECT position FROM events WHERE position > ? AND +stream IN (${wanted.join(',')}) ORDER BY position LIMIT ?`,
      )
      .all(query.after, query.limit)
      .map((row) => Number(row.position));
  };

  function* rows(query: CheckedQuery): Generator<Record<string, unknown>> {
    const wanted = streams.matching(query);
    if (wanted === null && query.subject === undefined) {
      yield* inOrder.iterate(query.after, query.limit);
      return;
    }
    const positions =
      query.subject === undefined ? ofStreams(query, wanted ?? []) : ofSubject(query, query.subject, wanted);
    positions.sort((a, b) => a - b);
    for (const position of positions.slice(0, query.limit)) {
      const row = bodyAt.get(position);
      if (row !== undefined) yield row;
    }
  }

  return (query: CheckedQuery, head: number): PageText => {
    const texts: string[] = [];
    let bytes = 0;
    let last = 0;
    for (const row of rows(query)) {
      last = Number(row.position);
      const body = String(row.body);
      texts.push(`{"position":${last},${body.slice(1)}`);
      bytes += body.length;
      if (bytes >= PAGE_BYTES) break;
    }
    const full = texts.length === query.limit || bytes >= PAGE_BYTES;
    return { text: `[${texts.join(',')}]`, next: full && last < head ? last : null, head };
  };
}
