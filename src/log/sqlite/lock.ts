import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Thrown by `lockLog` when another connection holds the lock. */
export class LogHeld extends Error {
  /** Process that holds it; null when it has not written its id yet. */
  readonly pid: number | null;

  constructor(pid: number | null) {
    super(`held by process ${pid ?? 'unknown'}`);
    this.name = 'LogHeld';
    this.pid = pid;
  }
}

/**
 * Takes the log for this process, by a write lock on a small database beside it that is never given back while the
 * process lives. The system frees it when the process dies, however it dies, so nothing has to be cleaned up.
 * The log's own file stays readable for backups and the sqlite3 shell.
 *
 * @returns releases the lock
 * @throws LogHeld
 */
export function lockLog(file: string, pid: number): () => void {
  const db = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    // By path: opening the file and closing it again would give back the locks that this process has on it.
    chmodSync(`${file}.lock`, 0o600);
    db.exec('BEGIN IMMEDIATE');
    db.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER NOT NULL)');
    db.exec('DELETE FROM holder');
    db.prepare('INSERT INTO holder (pid) VALUES (?)').run(pid);
    db.exec('COMMIT');
    // Reserved, but nothing written: others can read who holds it.
    db.exec('BEGIN IMMEDIATE');
  } catch (error) {
    const held = isBusy(error) ? new LogHeld(holderOf(db)) : error;
    db.close();
    throw held;
  }
  return () => db.close();
}

function holderOf(db: DatabaseSync): number | null {
  try {
    const row = db.prepare('SELECT pid FROM holder').get();
    return typeof row?.pid === 'number' ? row.pid : null;
  } catch {
    return null; // it is being written at this moment
  }
}

/** SQLITE_BUSY, the primary code in the low byte (https://www.sqlite.org/rescode.html#busy). */
function isBusy(error: unknown): boolean {
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === 5;
}
