import { chmodSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { StoredEvent } from '../../log/index.ts';
import { type DeadLetter, deadLettersIn } from './deliveries.ts';
import type { Standing } from './messages.ts';
import type { OpenProjection, Projection } from './projection.ts';
import { createLabels } from './timeline/labels.ts';
import { createTimelineSearch, type TimelineAnswer, type TimelineQuery } from './timeline/search.ts';

/** The projections' file, open. Whatever it throws ends it: close it and open it again. */
export interface ProjectionDatabase {
  standing(): Standing;
  /**
   * Takes events in, in one transaction with the cursors.
   *
   * @param skipped told of an event that a projection could not take in
   */
  apply(
    events: readonly StoredEvent[],
    through: number,
    skipped: (position: number, why: string) => void,
  ): void;
  /** Is there work that was put off? */
  readonly unfinished: boolean;
  /** Does some of it. */
  step(): void;
  search(query: TimelineQuery): TimelineAnswer;
  deadLetters(app: string, before: number, limit: number): DeadLetter[];
  close(): void;
}

/** Format of what all projections share; another one is built anew. */
const FORMAT = 1;

/** Pages of the cache in KiB. */
const CACHE_KIB = 16 * 1024;

/**
 * Opens the file, or makes it. Tables of a projection whose version is another one are made anew.
 *
 * @param firstWindow positions that a search looks at first
 * @throws the error of SQLite
 */
export function openProjectionDatabase(
  file: string,
  projections: readonly Projection[],
  firstWindow?: number,
): ProjectionDatabase {
  const db = new DatabaseSync(file, { timeout: 1000 });
  try {
    chmodSync(file, 0o600); // before it has anything beside it, which is made with the same mode
    return prepared(db, projections, firstWindow);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Deletes the file and what SQLite keeps beside it. */
export function discardProjectionDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${suffix}`, { force: true });
}

function prepared(
  db: DatabaseSync,
  projections: readonly Projection[],
  firstWindow: number | undefined,
): ProjectionDatabase {
  db.exec('PRAGMA journal_mode = WAL');
  // After a power cut the last transactions may be missing, cursor and rows alike: the log has the events.
  db.exec('PRAGMA synchronous = NORMAL');
  db.exec('PRAGMA secure_delete = ON'); // what was erased leaves no trace in free pages
  db.exec('PRAGMA journal_size_limit = 16777216');
  db.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
  db.exec('PRAGMA temp_store = MEMORY');
  const made = inTransaction(db, () => prepareTables(db, projections));
  const open = projections.map((projection) => ({
    name: projection.name,
    opened: projection.open(db),
    cursor: made.get(projection.name) ?? 0,
  }));
  const moveCursor = db.prepare('UPDATE cursors SET position = ? WHERE name = ?');
  const setLast = db.prepare('INSERT OR REPLACE INTO last_event (one, position, event) VALUES (1, ?, ?)');
  const getLast = db.prepare('SELECT position, event FROM last_event');
  const labels = createLabels(db);
  const search = createTimelineSearch(db, firstWindow);
  const told = new Set<string>();
  const work = () => open.map(({ opened }) => opened.rest).filter((rest) => rest?.pending === true);

  return {
    standing() {
      const last = getLast.get();
      const segments = labels.values('segment').map(({ value }) => value);
      const fresh = segments.filter((segment) => !told.has(segment));
      for (const segment of fresh) told.add(segment);
      return {
        cursor: Math.min(...open.map(({ cursor }) => cursor)),
        last: last === undefined ? null : { position: Number(last.position), event: String(last.event) },
        unfinished: work().length > 0,
        segments: fresh,
      };
    },
    apply(events, through, skipped) {
      inTransaction(db, () => {
        for (const each of open) {
          for (const event of events) {
            if (event.position > each.cursor) applyOne(each.opened, event, skipped);
          }
          if (through > each.cursor) moveCursor.run(through, each.name);
        }
        const last = events.at(-1);
        if (last !== undefined) setLast.run(last.position, last.id);
      });
      for (const each of open) each.cursor = Math.max(each.cursor, through);
    },
    get unfinished() {
      return work().length > 0;
    },
    step() {
      work()[0]?.step();
    },
    search,
    deadLetters: (app, before, limit) => deadLettersIn(db, app, before, limit),
    close: () => db.close(),
  };
}

/** SQLITE_TOOBIG, SQLITE_CONSTRAINT, SQLITE_MISMATCH (https://www.sqlite.org/rescode.html): the value is at fault. */
const OF_THE_VALUE: ReadonlySet<number> = new Set([18, 19, 20]);

/** What an event holds must not end a projection: it would meet that event again at every start. */
function applyOne(
  projection: OpenProjection,
  event: StoredEvent,
  skipped: (position: number, why: string) => void,
): void {
  try {
    projection.apply(event);
  } catch (error) {
    const { code, errcode = 0 } = error as { code?: string; errcode?: number };
    if (code === 'ERR_SQLITE_ERROR' && !OF_THE_VALUE.has(errcode % 256)) throw error;
    skipped(event.position, error instanceof Error ? error.message : String(error));
  }
}

/** @returns cursor of each projection */
function prepareTables(db: DatabaseSync, projections: readonly Projection[]): Map<string, number> {
  const format = Number(db.prepare('PRAGMA user_version').get()?.user_version);
  if (format !== FORMAT) dropTables(db, '');
  db.exec(`
    CREATE TABLE IF NOT EXISTS cursors (
      name TEXT PRIMARY KEY, version INTEGER NOT NULL, position INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS last_event (
      one INTEGER PRIMARY KEY, position INTEGER NOT NULL, event TEXT NOT NULL
    ) STRICT;
    PRAGMA user_version = ${FORMAT};
  `);
  const wanted = new Map(projections.map(({ name, version }) => [name, version]));
  for (const { name, version } of db.prepare('SELECT name, version FROM cursors').all()) {
    if (wanted.get(String(name)) === Number(version)) continue;
    dropTables(db, `${name}_`);
    db.prepare('DELETE FROM cursors WHERE name = ?').run(String(name));
  }
  const cursors = new Map<string, number>();
  const cursorOf = db.prepare('SELECT position FROM cursors WHERE name = ?');
  for (const { name, version, tables } of projections) {
    const row = cursorOf.get(name);
    if (row === undefined) {
      for (const { create } of tables) db.exec(create);
      db.prepare('INSERT INTO cursors (name, version, position) VALUES (?, ?, 0)').run(name, version);
    }
    cursors.set(name, Number(row?.position ?? 0));
  }
  return cursors;
}

/** Virtual tables first: they take their own tables with them. */
function dropTables(db: DatabaseSync, prefix: string): void {
  const tables = db.prepare(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
     ORDER BY sql LIKE 'CREATE VIRTUAL%' DESC`,
  );
  for (const { name } of tables.all()) {
    if (String(name).startsWith(prefix)) db.exec(`DROP TABLE IF EXISTS "${String(name)}"`);
  }
}

function inTransaction<Result>(db: DatabaseSync, work: () => Result): Result {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
