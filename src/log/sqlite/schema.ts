import type { DatabaseSync } from 'node:sqlite';

/** Format of the file; a higher one was written by a newer version and is left alone. */
const FORMAT = 1;

/**
 * Sets a connection up for durable appends and creates the tables of a new log.
 *
 * `streams` are the distinct (segment, type), `units` the distinct (segment, subject): both few beside the events,
 * so that filters and expectations are questions to narrow integer indices, which end in the position (rowid).
 * `body` stands last: a scan that only looks at the other columns does not touch its overflow pages.
 *
 * @throws when the file is of a newer format or not a database
 */
export function prepareDatabase(db: DatabaseSync): void {
  const format = Number(db.prepare('PRAGMA user_version').get()?.user_version);
  if (format > FORMAT) {
    throw new Error(`it has format ${format}, this version of Tabbify knows formats up to ${FORMAT}`);
  }
  db.exec('PRAGMA journal_mode = WAL');
  // Builds of SQLite exist whose default for WAL is NORMAL, which loses acknowledged commits at a power cut.
  db.exec('PRAGMA synchronous = FULL');
  db.exec('PRAGMA journal_size_limit = 16777216');
  db.exec('PRAGMA temp_store = MEMORY');
  db.exec(`
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS streams (
      id INTEGER PRIMARY KEY, segment TEXT NOT NULL, type TEXT NOT NULL, UNIQUE (segment, type)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS units (
      id INTEGER PRIMARY KEY, subject TEXT NOT NULL, segment TEXT NOT NULL, UNIQUE (subject, segment)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS events (
      position INTEGER PRIMARY KEY,
      stream INTEGER NOT NULL,
      unit INTEGER NOT NULL,
      id BLOB NOT NULL,
      body TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX IF NOT EXISTS events_by_id ON events (id);
    CREATE INDEX IF NOT EXISTS events_by_stream ON events (stream);
    CREATE INDEX IF NOT EXISTS events_by_unit ON events (unit);
    PRAGMA user_version = ${FORMAT};
    COMMIT;
  `);
}
