import { statfsSync } from 'node:fs';
import { messageOf, TabbifyError } from '../../kit/index.ts';
import { dataError } from '../errors.ts';

/** Result codes of SQLite (https://sqlite.org/rescode.html). */
const NOMEM = 7;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const NOTADB = 26;

/** Less than this and the disk is full. */
const ROOM_BYTES = 16 * 1024 * 1024;

/**
 * What SQLite threw, as an error of this room.
 *
 * @param where stands before the text, e.g. `batch[3]: `
 * @param file of the database: SQLite says the same at the quota and on a full disk
 */
export function failureOf(error: unknown, where: string, file: string): TabbifyError {
  if (error instanceof TabbifyError) return where === '' ? error : at(error, where);
  const { errcode } = error as { readonly errcode?: number };
  const primary = errcode === undefined ? undefined : errcode & 0xff;
  const message = messageOf(error);
  if (primary === FULL) return hasRoom(file) ? quotaExceeded(error) : diskFull(message, error);
  if (primary === IOERR) return diskFull(message, error);
  if (primary === CORRUPT || primary === NOTADB) {
    return dataError('data_unavailable', {
      what: 'The database file is damaged',
      why: message,
      hint: 'Copy the folder of the app\'s data aside, then see "A damaged file" in docs/data.md',
      cause: error,
    });
  }
  const hint =
    primary === NOMEM
      ? 'Let the statement hold less at a time: an index spares sorting, LIMIT and pages spare memory'
      : undefined;
  return dataError('sql_error', {
    what: `${where}${message}`,
    ...(hint !== undefined && { hint }),
    cause: error,
  });
}

/** What was written in vain still lies in SQLite's log, so that a disk which was full still is. */
function hasRoom(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(file);
    return bavail * bsize > ROOM_BYTES;
  } catch {
    return true;
  }
}

function at(error: TabbifyError, where: string): TabbifyError {
  const { code, status, title, what, why, hint } = error;
  const text = {
    what: `${where}${what}`,
    ...(why !== undefined && { why }),
    ...(hint !== undefined && { hint }),
  };
  return new TabbifyError(code, { status, title }, { ...text, cause: error });
}

/** The app has as much as its manifest allows. */
function quotaExceeded(cause: unknown): TabbifyError {
  return dataError('quota_exceeded', {
    what: 'The app has as much data as it may',
    why: 'keys, tables and indexes together are at the bound of `runtime.data_mb`',
    hint: 'Delete what is not needed, or raise the bound in tabbify.toml: [runtime] data_mb = 4096',
    cause,
  });
}

function diskFull(why: string, cause: unknown): TabbifyError {
  return dataError('disk_full', {
    what: 'The host could not write to its disk',
    why,
    hint: "Make room on the disk that holds the office's data; what was acknowledged is safe",
    cause,
  });
}
