import { DatabaseSync } from 'node:sqlite';
import { createCounters } from '../sqlite/counters.ts';
import { digestBytes } from '../sqlite/digest.ts';
import { createGroups } from '../sqlite/groups.ts';
import { createLanes } from '../sqlite/lanes.ts';
import { prepareDatabase } from '../sqlite/schema.ts';
import { createStreams } from '../sqlite/streams.ts';
import type { RowEvent } from './row-check.ts';

/** An event for a file that is built anew. */
export interface RebuiltRow {
  readonly position: number;
  readonly event: RowEvent;
  readonly body: string;
  readonly digest: Uint8Array;
  readonly stub: Uint8Array | null;
}

/** A log's file that is built row by row, everything derived made again; nothing reads it meanwhile. */
export interface Rebuild {
  /** The next event. */
  add(row: RebuiltRow): void;
  /** Ends a commit with the event that was added last. */
  endGroup(at: number): void;
  /**
   * Makes it durable and closes it.
   *
   * @param erasures how often bodies were erased so far: other than any copy of the file says
   */
  finish(erasures: number): void;
  /** Closes it as it is, to be removed. */
  abandon(): void;
}

/** Rows of one transaction. */
const BATCH = 20_000;

/** @param file does not exist yet */
export function createRebuild(file: string): Rebuild {
  const db = new DatabaseSync(file);
  prepareDatabase(db, 0);
  db.exec('PRAGMA synchronous = OFF'); // the whole is made durable at the end, before it takes the other's place
  const streams = createStreams(db);
  const lanes = createLanes(db);
  const groups = createGroups(db);
  const counters = createCounters(db);
  const insert = db.prepare(
    'INSERT INTO events (position, stream, unit, id, digest, stub, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const addUnit = db.prepare('INSERT INTO units (id, subject, segment, last) VALUES (?, ?, ?, ?)');
  const addRef = db.prepare('INSERT INTO refs (tenant, digest, position) VALUES (?, ?, ?)');
  const units = new Map<string, { id: number; subject: string; segment: string; last: number }>();
  let digests: Uint8Array[] = [];
  let last = 0;
  let traffic = { events: 0, bytes: 0 };
  db.exec('BEGIN');

  const unitOf = (subject: string, segment: string, position: number): number => {
    const name = `${segment}\n${subject}`;
    const unit = units.get(name) ?? { id: units.size + 1, subject, segment, last: 0 };
    unit.last = position;
    units.set(name, unit);
    return unit.id;
  };

  return {
    add({ position, event, body, digest, stub }) {
      const { segment, type, tenant, actor, subject } = event;
      const kind = event.class ?? 'office';
      const stream = streams.intern({ segment, type, tenant, actor, class: kind, erased: stub !== null });
      const unit = unitOf(subject, segment, position);
      const id = Buffer.from(event.id.replaceAll('-', ''), 'hex');
      insert.run(position, stream, unit, id, digest, stub, body);
      lanes.note(position, stream, unit);
      digests.push(digest);
      last = position;
      if (stub === null && event.class === 'traffic') {
        traffic = { events: traffic.events + 1, bytes: traffic.bytes + Buffer.byteLength(body) };
      }
      if (stub === null && event.dataref !== undefined) {
        addRef.run(event.tenant, digestBytes(event.dataref), position);
      }
      if (position % BATCH === 0) db.exec('COMMIT; BEGIN');
    },
    endGroup(at) {
      groups.add(last, Math.max(at, groups.at), digests);
      digests = [];
    },
    finish(erasures) {
      for (const { id, subject, segment, last: position } of units.values()) {
        addUnit.run(id, subject, segment, position);
      }
      counters.set('erasures', erasures);
      if (traffic.events > 0) {
        counters.add('traffic_events', traffic.events);
        counters.add('traffic_bytes', traffic.bytes);
      }
      db.exec('COMMIT');
      db.exec('PRAGMA synchronous = FULL');
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      db.close();
    },
    abandon: () => db.close(),
  };
}
