import type { DatabaseSync } from 'node:sqlite';
import { digestOf } from './digest.ts';
import { createGroups } from './groups.ts';
import { createLanes } from './lanes.ts';
import { createStreams } from './streams.ts';

/** Events of one migrated group at most. */
const GROUP_EVENTS = 1024;
/** Stands for the digest of a body that was already unreadable: it is reported as damaged for ever. */
const NO_DIGEST = Buffer.alloc(32);

interface Attributes {
  readonly time: string;
  readonly tenant: string;
  readonly actor: string;
}

/**
 * Brings a file of format 1 to format 2, inside the caller's transaction: a process that dies meanwhile leaves the
 * file as it was. The log's clock was not kept in format 1: the time that the writer gave stands for it, made never to
 * go back and never beyond now.
 *
 * @param tables the statements that make the tables of format 2
 * @returns how many events there are
 */
export function migrateFromFormat1(db: DatabaseSync, tables: string, now: number): number {
  db.exec(`
    DROP INDEX events_by_id; DROP INDEX events_by_stream; DROP INDEX events_by_unit;
    ALTER TABLE events RENAME TO events_1;
    ALTER TABLE streams RENAME TO streams_1;
    ALTER TABLE units RENAME TO units_1;
  `);
  db.exec(tables);
  db.exec('INSERT INTO units (id, subject, segment, last) SELECT id, subject, segment, 0 FROM units_1');
  const streamOf = db.prepare('SELECT segment, type FROM streams_1 WHERE id = ?');
  const lastOfUnit = db.prepare('UPDATE units SET last = ? WHERE id = ?');
  const insert = db.prepare(
    'INSERT INTO events (position, stream, unit, id, digest, body) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const streams = createStreams(db);
  const groups = createGroups(db);
  const lanes = createLanes(db);
  const lasts = new Map<number, number>();
  let digests: Buffer[] = [];
  let at = 0;
  let last = 0;
  const endGroup = () => {
    if (digests.length > 0) groups.add(last, at, digests);
    digests = [];
  };
  const rows = db
    .prepare('SELECT position, stream, unit, id, body FROM events_1 ORDER BY position')
    .iterate();
  for (const row of rows) {
    const { position, stream, unit } = row as { position: number; stream: number; unit: number };
    const body = String(row.body);
    const attributes = attributesOf(body);
    const time = Math.min(now, timeOf(attributes));
    if (time > at || digests.length >= GROUP_EVENTS) endGroup();
    at = Math.max(at, time);
    const old = streamOf.get(stream);
    const lane = streams.intern({
      segment: String(old?.segment),
      type: String(old?.type),
      tenant: attributes?.tenant ?? '',
      actor: attributes?.actor ?? '',
      class: 'office',
      erased: false,
    });
    const digest = attributes === null ? NO_DIGEST : digestOf(body);
    insert.run(position, lane, unit, row.id as Uint8Array, digest, body);
    lanes.note(position, lane, unit);
    lasts.set(unit, position);
    digests.push(digest);
    last = position;
  }
  endGroup();
  for (const [unit, position] of lasts) lastOfUnit.run(position, unit);
  db.exec('DROP TABLE events_1; DROP TABLE streams_1; DROP TABLE units_1;');
  return last;
}

/** Format 1 had no digest: a body that is JSON is taken as it stands. */
function attributesOf(body: string): Attributes | null {
  try {
    const { time, tenant, actor } = JSON.parse(body) as Record<string, unknown>;
    return { time: String(time), tenant: String(tenant), actor: String(actor) };
  } catch {
    return null; // flipped on disk: kept, and named as damaged
  }
}

function timeOf(attributes: Attributes | null): number {
  const time = Date.parse(attributes?.time ?? '');
  return Number.isNaN(time) ? 0 : time;
}
