import { type DatabaseLimits, DatabaseSync } from 'node:sqlite';
import { PAGE_BYTES } from '../limits.ts';

/** Pages of deleted rows that stay in the file: they are soon needed again. */
const SPARE_PAGES = 256;
/** Pages given back at a time: some milliseconds of work. */
const PAGES_AT_ONCE = 512;

/**
 * Opens a database file of an app, for this process alone as long as it lives: the system's lock is taken at once, so that of
 * two processes one fails here (`SQLITE_BUSY`), and it is gone with the process however that ends. An acknowledged write is
 * on disk: WAL with `synchronous=FULL` (CONTRACTS §9).
 *
 * @param waitMs milliseconds for another process to let go of it
 */
export function openFile(path: string, limits: Partial<DatabaseLimits>, waitMs = 0): DatabaseSync {
  const db = new DatabaseSync(path, { limits, defensive: true, allowExtension: false, timeout: waitMs });
  try {
    // Exclusive before WAL: the index of the log is then in memory instead of a file beside.
    db.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 4194304;
      BEGIN IMMEDIATE; COMMIT;`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Pages of the file, free ones included. */
export function pagesOf(db: DatabaseSync): number {
  return numberOf(db, 'page_count');
}

/** Gives pages of deleted rows back to the disk, a part of them. @returns whether more are left */
export function giveSpaceBack(db: DatabaseSync): boolean {
  const spare = numberOf(db, 'freelist_count') - SPARE_PAGES;
  if (spare <= 0) return false;
  db.exec(`PRAGMA incremental_vacuum(${Math.min(spare, PAGES_AT_ONCE)})`);
  return spare > PAGES_AT_ONCE;
}

function numberOf(db: DatabaseSync, pragma: 'page_count' | 'freelist_count'): number {
  return Number(db.prepare(`PRAGMA ${pragma}`).get()?.[pragma] ?? 0);
}
