import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../../kit/index.ts';
import { FORMAT, formatOf, TABLES } from '../sqlite/schema.ts';
import { headerFindings } from './header.ts';
import type { TolerantFile } from './tolerant.ts';
import { walReport } from './wal.ts';

/** Findings that SQLite gives at most. */
const MOST = 100;

/**
 * @param written by a process that has it open: its write-ahead log was looked at when it was opened, and grows now
 * @returns what is wrong with the file apart from its events, a sentence each
 */
export function structureFindings(path: string, file: TolerantFile, written = false): string[] {
  if (!existsSync(path)) return ['there is no such file'];
  const found = headerFindings(path);
  const wal = walReport(written ? '' : `${path}-wal`);
  if (wal.why !== null) found.push(wal.why);
  const { db } = file;
  if (db === null) return [...found, `it cannot be opened: ${file.why}`];
  found.push(
    ...attempt(() => {
      const format = formatOf(db);
      return format === FORMAT ? [] : [`it has format ${format}, not ${FORMAT}`];
    }),
    ...attempt(() => schemaFindings(db)),
    ...attempt(() =>
      db
        .prepare(`PRAGMA integrity_check(${MOST})`)
        .all()
        .map((row) => String(row.integrity_check))
        .filter((line) => line !== 'ok'),
    ),
  );
  return found;
}

/** The tables and indices of the file beside those of a new log. */
function schemaFindings(db: DatabaseSync): string[] {
  const sql = 'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name';
  const fresh = new DatabaseSync(':memory:');
  try {
    fresh.exec(TABLES);
    const wanted = new Set(
      fresh
        .prepare(sql)
        .all()
        .map((row) => JSON.stringify(row)),
    );
    const given = db
      .prepare(sql)
      .all()
      .map((row) => JSON.stringify(row));
    const same = given.length === wanted.size && given.every((row) => wanted.has(row));
    return same ? [] : ['its tables are not those of a log'];
  } finally {
    fresh.close();
  }
}

function attempt(ask: () => string[]): string[] {
  try {
    return ask();
  } catch (error) {
    return [messageOf(error)];
  }
}
