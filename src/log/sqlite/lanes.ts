import { hash } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { StreamSet } from './streams.ts';

/** Events of a chunk. */
export const CHUNK = 4096;
/** Chunks held in memory, 32 KiB each; others are read when they are needed. */
const HELD = 1024;
/** Stands for the stream of an event whose row cannot be read: every filter lets it pass, so that it is named. */
const UNKNOWN = 0xffffffff;

/** Which positions are asked for: all fields together. */
export interface LaneQuery {
  /** First and last position that count. */
  readonly from: number;
  readonly to: number;
  /** Position of the last event of the log. */
  readonly head: number;
  /** Null: every stream. */
  readonly streams: StreamSet | null;
  /** Null: every unit. */
  readonly units: readonly number[] | null;
  readonly order: 'oldest' | 'newest';
}

/**
 * Stream and unit of every event, eight bytes each, so that any filter is one pass over little memory: a million
 * events take about a millisecond, however rare what is asked for is.
 *
 * Full chunks stand in the table `chunks`; the last one is made from the events. A chunk that does not have its digest
 * any more is made from the events again.
 */
export interface Lanes {
  /** Up to `most` positions that match, in the order asked for. */
  find(query: LaneQuery, most: number): number[];
  /** Reads what memory may hold, the newest first, a chunk a step, so that the first filter finds it there. */
  warm(head: number): Generator<void>;
  /** Tells of an appended event, inside its transaction; a full chunk is written with it. */
  note(position: number, stream: number, unit: number): void;
  /** Moves an event to another stream, inside a transaction; `saveChanged` writes it. */
  change(position: number, stream: number): void;
  saveChanged(): void;
  /** After a rollback, or when another connection has changed what stood there; all, or from one position to another. */
  forget(from?: number, to?: number): void;
}

interface Chunk {
  /** `CHUNK` streams, then `CHUNK` units. */
  readonly lanes: Uint32Array<ArrayBuffer>;
  /** So many are known. */
  filled: number;
}

export function createLanes(db: DatabaseSync): Lanes {
  const load = db.prepare('SELECT lanes, digest FROM chunks WHERE chunk = ?');
  const save = db.prepare('INSERT OR REPLACE INTO chunks (chunk, lanes, digest) VALUES (?, ?, ?)');
  const rows = db.prepare(
    'SELECT position, stream, unit FROM events WHERE position > ? AND position <= ? ORDER BY position',
  );
  rows.setReturnArrays(true);
  const one = db.prepare('SELECT position, stream, unit FROM events WHERE position = ?');
  one.setReturnArrays(true);
  const held = new Map<number, Chunk>();
  const changed = new Set<number>();

  /** Stream and unit of the events of a chunk from its `filled`th to its `wanted`th, from their rows. */
  const fill = (number: number, chunk: Chunk, wanted: number) => {
    const base = number * CHUNK;
    chunk.lanes.fill(UNKNOWN, chunk.filled, wanted);
    chunk.lanes.fill(UNKNOWN, CHUNK + chunk.filled, CHUNK + wanted);
    const take = (row: unknown) => {
      const [position = 0, stream = 0, unit = 0] = row as number[];
      chunk.lanes[position - base - 1] = stream;
      chunk.lanes[CHUNK + position - base - 1] = unit;
    };
    try {
      for (const row of rows.all(base + chunk.filled, base + wanted)) take(row);
    } catch {
      // A damaged page: what can be read is taken one by one, the rest stays unknown.
      for (let position = base + chunk.filled + 1; position <= base + wanted; position++) {
        const row = readable(() => one.get(position));
        if (row !== undefined) take(row);
      }
    }
    chunk.filled = wanted;
  };

  const stored = (number: number): Chunk | null => {
    const row = readable(() => load.get(number));
    if (!(row?.lanes instanceof Uint8Array) || row.lanes.length !== CHUNK * 8) return null;
    if (!(row.digest instanceof Uint8Array) || Buffer.compare(sum(row.lanes), row.digest) !== 0) return null;
    const lanes = new Uint32Array(CHUNK * 2);
    new Uint8Array(lanes.buffer).set(row.lanes);
    return { lanes, filled: CHUNK };
  };

  const chunkOf = (number: number, wanted: number): Chunk => {
    let chunk = held.get(number);
    if (chunk === undefined) {
      chunk = (wanted === CHUNK ? stored(number) : null) ?? { lanes: new Uint32Array(CHUNK * 2), filled: 0 };
      if (held.size >= HELD) held.delete(held.keys().next().value ?? -1);
      held.set(number, chunk);
    }
    if (chunk.filled < wanted) {
      const whole = chunk.filled === 0 || wanted < CHUNK ? null : stored(number);
      if (whole === null) fill(number, chunk, wanted);
      else chunk.lanes.set(whole.lanes);
      chunk.filled = wanted;
    }
    return chunk;
  };

  const write = (number: number, chunk: Chunk) => {
    const bytes = new Uint8Array(chunk.lanes.buffer);
    save.run(number, bytes, sum(bytes));
  };

  return {
    find({ from, to, head, streams, units, order }, most) {
      const found: number[] = [];
      if (from > to) return found;
      const newest = order === 'newest';
      const first = Math.floor((from - 1) / CHUNK);
      const last = Math.floor((to - 1) / CHUNK);
      const [unit] = units ?? [];
      for (let step = 0; step <= last - first && found.length < most; step++) {
        const number = newest ? last - step : first + step;
        const base = number * CHUNK;
        const low = Math.max(from - base - 1, 0);
        const high = Math.min(to - base - 1, CHUNK - 1);
        const { lanes } = chunkOf(number, Math.min(CHUNK, head - base));
        for (let n = low; n <= high; n++) {
          const index = newest ? high - (n - low) : n;
          const stream = lanes[index] as number;
          if (stream !== UNKNOWN) {
            if (streams !== null && streams[stream] !== 1) continue;
            if (units !== null) {
              const own = lanes[CHUNK + index] as number;
              if (own !== unit && !units.includes(own)) continue;
            }
          }
          found.push(base + index + 1);
          if (found.length === most) break;
        }
      }
      return found;
    },
    *warm(head) {
      const last = Math.floor(head / CHUNK) - 1;
      for (let number = last; number >= 0 && held.size < HELD; number--) {
        chunkOf(number, CHUNK);
        yield;
      }
    },
    note(position, stream, unit) {
      const number = Math.floor((position - 1) / CHUNK);
      const index = position - number * CHUNK - 1;
      const chunk = chunkOf(number, index);
      chunk.lanes[index] = stream;
      chunk.lanes[CHUNK + index] = unit;
      chunk.filled = index + 1;
      if (chunk.filled === CHUNK) write(number, chunk);
    },
    change(position, stream) {
      const number = Math.floor((position - 1) / CHUNK);
      const index = position - number * CHUNK - 1;
      const chunk = held.get(number);
      if (chunk === undefined || index >= chunk.filled) return; // not looked at since: made anew when it is
      chunk.lanes[index] = stream;
      changed.add(number);
    },
    saveChanged() {
      for (const number of changed) {
        const chunk = held.get(number);
        if (chunk?.filled === CHUNK) write(number, chunk);
      }
      changed.clear();
    },
    forget(from = 1, to = Number.MAX_SAFE_INTEGER) {
      for (const number of held.keys()) {
        if ((number + 1) * CHUNK >= from && number * CHUNK < to) held.delete(number);
      }
      changed.clear();
    },
  };
}

function sum(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer');
}

/** Undefined where the disk has damaged what was asked for. */
function readable(
  read: () => Record<string, SQLOutputValue> | undefined,
): Record<string, SQLOutputValue> | undefined {
  try {
    return read();
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

/** SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_TOOBIG and SQLITE_NOTADB, the primary code in the low byte. */
export function isDamage(error: unknown): boolean {
  return [10, 11, 18, 26].includes(((error as { errcode?: number }).errcode ?? 0) % 256);
}
