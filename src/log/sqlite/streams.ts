import type { DatabaseSync } from 'node:sqlite';
import type { EventFilter } from '../log-store.ts';
import { anySegmentMatches } from '../segments.ts';

interface Stream {
  readonly id: number;
  readonly segment: string;
  readonly type: string;
}

/** The distinct (segment, type) of a log, in memory: patterns are matched here, the tables see integers only. */
export interface Streams {
  /** Number of a stream, given at its first event; inside the caller's transaction. */
  intern(segment: string, type: string): number;
  /** Numbers of the streams that pass; null when the filter asks for neither segment nor type. */
  matching(filter: EventFilter): number[] | null;
  /** After a rollback: forgets what was not kept. */
  reload(): void;
}

export function createStreams(db: DatabaseSync): Streams {
  const all = db.prepare('SELECT id, segment, type FROM streams');
  const add = db.prepare('INSERT INTO streams (segment, type) VALUES (?, ?)');
  const known = new Map<string, Stream>();
  const keep = (stream: Stream) => known.set(`${stream.segment} ${stream.type}`, stream);
  const reload = () => {
    known.clear();
    for (const row of all.iterate()) {
      keep({ id: Number(row.id), segment: String(row.segment), type: String(row.type) });
    }
  };
  reload();
  return {
    reload,
    intern(segment, type) {
      const found = known.get(`${segment} ${type}`);
      if (found !== undefined) return found.id;
      const id = Number(add.run(segment, type).lastInsertRowid);
      keep({ id, segment, type });
      return id;
    },
    matching({ segments, types }) {
      if (segments === undefined && types === undefined) return null;
      return [...known.values()]
        .filter(
          (stream) =>
            anySegmentMatches(segments, stream.segment) &&
            (types === undefined || types.includes(stream.type)),
        )
        .map((stream) => stream.id);
    },
  };
}
