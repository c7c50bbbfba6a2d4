import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { messageOf } from '../../kit/index.ts';

/** A row of `events` as it stands there, unchecked. */
export interface Row {
  readonly position: number;
  readonly stream: number;
  readonly unit: number;
  readonly id: Uint8Array;
  readonly digest: Uint8Array;
  readonly stub: Uint8Array | null;
  readonly body: string;
}

/** A database that may be damaged: every question is answered with what can be read. */
export interface TolerantFile {
  /** Null when SQLite cannot even open it, `why` says so. */
  readonly db: DatabaseSync | null;
  readonly why: string | null;
  /** Null when the tables it speaks of are not there any more. */
  prepare(sql: string): StatementSync | null;
  /** Rows of `from` to `to` that can be read, by position. */
  rows(from: number, to: number): Map<number, Row>;
  /** All rows of a query, as far as they can be read; `damaged` when the rest cannot. */
  all(sql: string): { readonly rows: Record<string, unknown>[]; readonly damaged: string | null };
  /** Again does nothing. */
  close(): void;
}

const COLUMNS = 'position, stream, unit, id, digest, stub, body';

/** Opens for reading. A file that was cut off is opened as well: `writable_schema` lifts the check of its length. */
export function openTolerant(file: string): TolerantFile {
  let db: DatabaseSync | null = null;
  let why: string | null = null;
  try {
    db = new DatabaseSync(file, { readOnly: true, defensive: false, timeout: 5000 });
    db.exec('PRAGMA writable_schema = ON');
    db.exec('PRAGMA cache_size = -16384');
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
  } catch (error) {
    why = messageOf(error);
    db?.close();
    db = null;
  }
  const prepare = (sql: string) => {
    try {
      return db?.prepare(sql) ?? null;
    } catch {
      return null; // the table is not there any more: nothing can be read of it
    }
  };
  const run = prepare(`SELECT ${COLUMNS} FROM events WHERE position BETWEEN ? AND ? ORDER BY position`);
  const one = prepare(`SELECT ${COLUMNS} FROM events WHERE position = ?`);
  return {
    db,
    why,
    prepare,
    rows(from, to) {
      const rows = new Map<number, Row>();
      const keep = (row: unknown) => {
        if (isRow(row) && row.position >= from && row.position <= to) rows.set(row.position, row);
      };
      try {
        for (const row of run?.all(from, to) ?? []) keep(row);
        if (rows.size === to - from + 1) return rows;
      } catch (error) {
        if (!isSqlite(error)) throw error;
      }
      for (let position = from; position <= to; position++) {
        if (rows.has(position)) continue;
        try {
          const row = one?.get(position);
          if (row !== undefined) keep(row);
        } catch (error) {
          if (!isSqlite(error)) throw error;
        }
      }
      return rows;
    },
    all(sql) {
      const rows: Record<string, unknown>[] = [];
      try {
        if (db === null) return { rows, damaged: why };
        for (const row of db.prepare(sql).iterate()) rows.push(row);
        return { rows, damaged: null };
      } catch (error) {
        return { rows, damaged: messageOf(error) };
      }
    },
    close() {
      if (db?.isOpen) db.close();
    },
  };
}

/** A flipped bit can make any type of a value: the tables' own types are checked at writing only. */
function isRow(row: unknown): row is Row {
  const { position, stream, unit, id, digest, stub, body } = row as Row;
  const numbers = [position, stream, unit].every((value) => Number.isSafeInteger(value));
  const bytes = id instanceof Uint8Array && digest instanceof Uint8Array;
  return numbers && bytes && (stub === null || stub instanceof Uint8Array) && typeof body === 'string';
}

/** Whatever SQLite says of a damaged file: the message differs with what the damage looks like to it. */
function isSqlite(error: unknown): boolean {
  return typeof (error as { errcode?: number }).errcode === 'number';
}
