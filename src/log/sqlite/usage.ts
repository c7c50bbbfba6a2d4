import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { createCounters } from './counters.ts';
import type { Groups } from './groups.ts';
import type { Lanes } from './lanes.ts';
import type { FileUsage } from './messages.ts';
import type { Streams } from './streams.ts';

/** @returns what the database takes on disk, from what SQLite and the counters know */
export function createUsage(
  parts: {
    readonly db: DatabaseSync;
    readonly streams: Streams;
    readonly lanes: Lanes;
    readonly groups: Groups;
  },
  file: string,
): (head: number) => FileUsage {
  const { db, streams, lanes, groups } = parts;
  const counters = createCounters(db);
  const pragma = (name: string) => Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  return (head) => {
    const events = counters.get('traffic_events');
    const kept = streams.select((key) => key.class === 'traffic' && !key.erased);
    const [oldest] =
      events === 0
        ? []
        : lanes.find({ from: 1, to: head, head, streams: kept, units: null, order: 'oldest' }, 1);
    const pageSize = pragma('page_size');
    return {
      head,
      file: sizeOf(file) + sizeOf(`${file}-wal`),
      free: pragma('freelist_count') * pageSize,
      traffic: {
        events,
        bytes: counters.get('traffic_bytes'),
        oldest: oldest === undefined ? null : groups.timeOf(oldest),
      },
    };
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
