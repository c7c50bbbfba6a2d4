import type { DatabaseSync } from 'node:sqlite';
import { createCounters } from './counters.ts';
import { digestBytes, digestOf } from './digest.ts';
import type { Groups } from './groups.ts';
import type { Lanes } from './lanes.ts';
import type { AppendOutcome, AppendRow } from './messages.ts';
import type { Streams } from './streams.ts';

/** The appending half of the log's database. */
export interface Writer {
  /** Position of the last durable event. */
  readonly head: number;
  /**
   * Appends a group as one transaction; every row has its own outcome.
   *
   * @param at when it was taken in, ms; a clock that stepped back is not believed
   * @throws the error of SQLite when the group could not be made durable; then none of it was appended
   */
  append(rows: readonly AppendRow[], at: number): AppendOutcome[];
}

/** What the writer stands on; all share one connection. */
export interface WriterParts {
  readonly db: DatabaseSync;
  readonly streams: Streams;
  readonly lanes: Lanes;
  readonly groups: Groups;
  /** Is the blob stored? */
  readonly hasBlob: (tenant: string, digest: string) => boolean;
}

export function createWriter({ db, streams, lanes, groups, hasBlob }: WriterParts): Writer {
  const knownId = db.prepare('SELECT position FROM events WHERE id = ?');
  const findUnit = db.prepare('SELECT id, last FROM units WHERE subject = ? AND segment = ?');
  const addUnit = db.prepare('INSERT INTO units (subject, segment, last) VALUES (?, ?, ?)');
  const lastOfUnit = db.prepare('UPDATE units SET last = ? WHERE id = ?');
  const insert = db.prepare(
    'INSERT INTO events (position, stream, unit, id, digest, body) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const addRef = db.prepare('INSERT INTO refs (tenant, digest, position) VALUES (?, ?, ?)');
  const counters = createCounters(db);
  const lastOfAll = db.prepare('SELECT max(position) AS position FROM events');

  let head = Number(lastOfAll.get()?.position ?? 0);
  let digests: Buffer[] = [];
  let trafficEvents = 0;
  let trafficBytes = 0;

  /** Order of checks: the id, the expectation, the blob (CONTRACTS §6). */
  const appendRow = (row: AppendRow, position: number): AppendOutcome => {
    const id = Buffer.from(row.id.replaceAll('-', ''), 'hex');
    const known = knownId.get(id);
    if (known !== undefined) return { kind: 'duplicate', position: Number(known.position) };
    const unit = findUnit.get(row.subject, row.segment);
    const last = Number(unit?.last ?? 0);
    if (row.expected !== null && row.expected !== last) return { kind: 'conflict', last };
    if (row.dataref !== undefined && !hasBlob(row.tenant, row.dataref)) return { kind: 'blob_missing' };

    const { segment, type, tenant, actor, body } = row;
    const stream = streams.intern({
      segment,
      type,
      tenant,
      actor,
      class: row.class ?? 'office',
      erased: false,
    });
    const unitId = Number(unit?.id ?? addUnit.run(row.subject, segment, position).lastInsertRowid);
    if (unit !== undefined) lastOfUnit.run(position, unitId);
    const digest = digestOf(body);
    insert.run(position, stream, unitId, id, digest, body);
    lanes.note(position, stream, unitId);
    digests.push(digest);
    if (row.dataref !== undefined) addRef.run(tenant, digestBytes(row.dataref), position);
    if (row.class === 'traffic') {
      trafficEvents++;
      trafficBytes += Buffer.byteLength(body);
    }
    return { kind: 'appended', position };
  };

  return {
    get head() {
      return head;
    },
    append(rows, at) {
      let position = head;
      digests = [];
      trafficEvents = 0;
      trafficBytes = 0;
      db.exec('BEGIN IMMEDIATE');
      try {
        const outcomes = rows.map((row) => {
          const outcome = appendRow(row, position + 1);
          if (outcome.kind === 'appended') position = outcome.position;
          return outcome;
        });
        if (position > head) groups.add(position, Math.max(at, groups.at), digests);
        if (trafficEvents > 0) {
          counters.add('traffic_events', trafficEvents);
          counters.add('traffic_bytes', trafficBytes);
        }
        db.exec('COMMIT');
        head = position;
        return outcomes;
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK');
        streams.reload();
        groups.reload();
        lanes.forget();
        throw error;
      }
    },
  };
}
