import type { DatabaseSync } from 'node:sqlite';
import type { BlobFiles } from '../blobs/files.ts';
import type { StoredEvent } from '../envelope.ts';
import type { CheckedErase } from '../filter.ts';
import type { EraseResult } from '../log-store.ts';
import { createCounters } from './counters.ts';
import { digestBytes, digestOf, digestText } from './digest.ts';
import type { Groups } from './groups.ts';
import type { Lanes } from './lanes.ts';
import { createRows } from './rows.ts';
import type { StreamKey, Streams } from './streams.ts';

/** What the eraser stands on; all share the writer's connection. */
export interface EraserParts {
  readonly db: DatabaseSync;
  readonly streams: Streams;
  readonly lanes: Lanes;
  readonly groups: Groups;
  readonly blobs: BlobFiles;
}

/** Pages given back to the file system after a step, so that a step stays short. */
const PAGES_A_STEP = 256;

export interface Eraser {
  /**
   * One step: bodies of traffic become tombstones in one transaction, oldest first, then the blobs that only they named
   * are removed.
   */
  step(query: CheckedErase, head: number): EraseResult & { readonly blobBytes: number };
  /** Cuts off the write-ahead log, which still holds what was erased; nothing is done when nothing was. */
  settle(): void;
}

export function createEraser(parts: EraserParts): Eraser {
  const { db, streams, lanes, groups, blobs } = parts;
  const rows = createRows(db);
  const counters = createCounters(db);
  const unitsOf = db.prepare('SELECT id FROM units WHERE subject = ?');
  const digestAt = db.prepare('SELECT stream, digest FROM events WHERE position = ?');
  const replace = db.prepare('UPDATE events SET stream = ?, stub = ?, body = ? WHERE position = ?');
  const dropRef = db.prepare('DELETE FROM refs WHERE tenant = ? AND digest = ? AND position = ?');
  const anyRef = db.prepare('SELECT 1 FROM refs WHERE tenant = ? AND digest = ? LIMIT 1');

  /** Makes a tombstone of one event. @returns bytes of its body; null when it cannot be read, and is left alone */
  const eraseOne = (position: number, unnamed: Set<string>): number | null => {
    const body = rows.bodyAt(position);
    const row = body === null ? undefined : digestAt.get(position);
    const key = streams.key(Number(row?.stream));
    if (body === null || key === undefined || !(row?.digest instanceof Uint8Array)) return null;
    const event = JSON.parse(body) as Omit<StoredEvent, 'position'>;
    const stub = JSON.stringify({ ...event, data: {}, erased: digestText(row.digest) });
    const stream = streams.intern({ ...key, erased: true });
    replace.run(stream, digestOf(stub), stub, position);
    lanes.change(position, stream);
    if (event.dataref !== undefined) {
      dropRef.run(event.tenant, digestBytes(event.dataref), position);
      unnamed.add(`${event.tenant} ${event.dataref}`);
    }
    return Buffer.byteLength(body);
  };

  const step = (query: CheckedErase, head: number, unnamed: Set<string>): EraseResult => {
    const kept = streams.select((key) => isKept(key, query.tenants));
    const to = query.before === null ? head : groups.firstAt(query.before, head) - 1;
    const units =
      query.subject === undefined ? null : unitsOf.all(query.subject).map((unit) => Number(unit.id));
    let from = 1;
    let erased = 0;
    let bytes = 0;
    let through = 0;
    let lowest = 0;
    while (units?.length !== 0) {
      const most = query.limit - erased + 1;
      const found = lanes.find({ from, to, head, streams: kept, units, order: 'oldest' }, most);
      for (const position of found) {
        if (erased === query.limit) return result(true);
        const size = eraseOne(position, unnamed);
        through = position;
        if (size === null) continue;
        lowest ||= position;
        erased++;
        bytes += size;
      }
      if (found.length < most) break;
      from = through + 1;
    }
    return result(false);

    function result(more: boolean): EraseResult {
      if (erased > 0) {
        lanes.saveChanged();
        counters.add('traffic_events', -erased);
        counters.add('traffic_bytes', -bytes);
        counters.add('erasures', 1);
        counters.set('erased_from', lowest);
        counters.set('erased_to', through);
      }
      return { erased, bytes, through, more };
    }
  };

  let unsettled = false;
  const settle = () => {
    if (!unsettled) return;
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    unsettled = false;
  };

  return {
    settle,
    step(query, head) {
      const unnamed = new Set<string>();
      let result: EraseResult;
      db.exec('BEGIN IMMEDIATE');
      try {
        result = step(query, head, unnamed);
        db.exec('COMMIT');
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK');
        streams.reload();
        lanes.forget();
        throw error;
      }
      let blobBytes = 0;
      for (const name of unnamed) {
        const [tenant = '', digest = ''] = name.split(' ');
        // A process that dies here leaves a blob that nothing names: the sweep takes it.
        if (anyRef.get(tenant, digestBytes(digest)) === undefined) blobBytes += blobs.remove(tenant, digest);
      }
      if (result.erased > 0) {
        unsettled = true;
        db.exec(`PRAGMA incremental_vacuum(${PAGES_A_STEP})`);
      }
      if (!result.more) settle();
      return { ...result, bytes: result.bytes + blobBytes, blobBytes };
    },
  };
}

function isKept(key: StreamKey, tenants: readonly string[] | undefined): boolean {
  return key.class === 'traffic' && !key.erased && (tenants === undefined || tenants.includes(key.tenant));
}
