import type { DatabaseSync } from 'node:sqlite';
import { BY_ITSELF_PAGES, KEPT_BYTES } from './checkpoints.ts';
import { migrateFromFormat1 } from './migrate.ts';

/** Format of the file; a higher one was written by a newer version and is left alone. */
export const FORMAT = 2;

/**
 * The tables of a log.
 *
 * - `events`: one row a position. `digest` is the SHA-256 of the body as it was appended. An erased event keeps it and
 *   has the digest of what stands there instead in `stub`. `body` is JSON without the position.
 * - `streams`: the distinct (segment, type, tenant, actor, class, erased); `units`: the distinct (subject, segment)
 *   with the position of their last event. Both are few beside the events.
 * - `chunks`: stream and unit of 4096 events each, derived from `events`, so that filters look at a few bytes an event
 *   instead of at pages of bodies (`lanes.ts`).
 * - `groups`: one row a commit: its last position, the log's clock, and the hash chain over the digests (`groups.ts`).
 * - `refs`: which events name which blob. `counters`: what would otherwise have to be counted.
 */
export const TABLES = `
  CREATE TABLE streams (
    id INTEGER PRIMARY KEY, segment TEXT NOT NULL, type TEXT NOT NULL, tenant TEXT NOT NULL, actor TEXT NOT NULL,
    class TEXT NOT NULL, erased INTEGER NOT NULL, UNIQUE (segment, type, tenant, actor, class, erased)
  ) STRICT;
  CREATE TABLE units (
    id INTEGER PRIMARY KEY, subject TEXT NOT NULL, segment TEXT NOT NULL, last INTEGER NOT NULL,
    UNIQUE (subject, segment)
  ) STRICT;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, unit INTEGER NOT NULL, id BLOB NOT NULL,
    digest BLOB NOT NULL, stub BLOB, body TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX events_by_id ON events (id);
  CREATE TABLE chunks (chunk INTEGER PRIMARY KEY, lanes BLOB NOT NULL, digest BLOB NOT NULL) STRICT;
  CREATE TABLE groups (last INTEGER PRIMARY KEY, at INTEGER NOT NULL, chain BLOB NOT NULL) STRICT;
  CREATE TABLE refs (
    tenant TEXT NOT NULL, digest BLOB NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (tenant, digest, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

/**
 * Sets the writing connection up for durable appends, makes the tables of a new log and brings a file of an older
 * format to this one, in one transaction.
 *
 * @param now the log's clock, ms: no migrated event counts as younger
 * @returns events that were migrated; null when nothing had to be
 * @throws when the file is of a newer format or not a database
 */
export function prepareDatabase(db: DatabaseSync, now: number): number | null {
  const format = formatOf(db);
  if (format > FORMAT) {
    throw new Error(`it has format ${format}, this version of Tabbify knows formats up to ${FORMAT}`);
  }
  // Must stand before the first table; gives pages back after erasures. A file without it uses them again itself.
  if (format === 0) db.exec('PRAGMA auto_vacuum = INCREMENTAL');
  db.exec('PRAGMA journal_mode = WAL');
  // Builds of SQLite exist whose default for WAL is NORMAL, which loses acknowledged commits at a power cut.
  db.exec('PRAGMA synchronous = FULL');
  db.exec(`PRAGMA wal_autocheckpoint = ${BY_ITSELF_PAGES}`);
  db.exec(`PRAGMA journal_size_limit = ${KEPT_BYTES}`);
  db.exec('PRAGMA temp_store = MEMORY');
  db.exec('PRAGMA cache_size = -16384');
  // What is erased is overwritten with zeros, not left lying in free pages.
  db.exec('PRAGMA secure_delete = ON');
  if (format === FORMAT) return null;
  db.exec('BEGIN IMMEDIATE');
  try {
    const migrated = format === 0 ? null : migrateFromFormat1(db, TABLES, now);
    if (format === 0) db.exec(TABLES);
    db.exec(`PRAGMA user_version = ${FORMAT}`);
    db.exec('COMMIT');
    return migrated;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** Sets the reading connection up. */
export function prepareReading(db: DatabaseSync): void {
  db.exec('PRAGMA cache_size = -8192');
}

export function formatOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version);
}
