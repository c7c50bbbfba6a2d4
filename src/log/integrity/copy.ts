import { existsSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageOf, syncDirectory } from '../../kit/index.ts';
import { logError } from '../errors.ts';

/** What a copy holds. */
export interface LogCopy {
  /** Its `log.db`; the blobs stand beside it. */
  readonly file: string;
  readonly bytes: number;
}

/**
 * Copies a log as it is at this moment, with its blobs, into a new folder. The log may be open: it is written on
 * meanwhile, what comes after the beginning is not in the copy. Keys are not copied: what is erased by destroying its
 * key must be gone from copies too.
 *
 * @param target does not exist, or is empty
 * @throws TabbifyError `log_unavailable` when the log cannot be read, or the copy not be written
 */
export async function copyLog(file: string, target: string): Promise<LogCopy> {
  await mkdir(target, { recursive: true, mode: 0o700 });
  if ((await readdir(target)).length > 0) {
    throw logError('log_unavailable', {
      what: 'The log was not copied',
      why: `${target} is not empty`,
      hint: 'Name a folder that does not exist yet',
    });
  }
  const copied = join(target, 'log.db');
  try {
    await (await open(copied, 'wx', 0o600)).close(); // SQLite fills an empty file, its rights stay
    intoFile(file, copied);
    let bytes = await synced(copied);
    const blobs = join(dirname(file), 'blobs');
    // Blobs are never changed, and a copied event was appended after its blob was stored.
    if (existsSync(blobs)) bytes += await copyFolder(blobs, join(target, 'blobs'));
    await syncDirectory(target);
    return { file: copied, bytes };
  } catch (error) {
    throw logError('log_unavailable', {
      what: 'The log was not copied',
      why: messageOf(error),
      hint: `Look at it with \`tabbify doctor --verify\`, and at the room on the disk of ${target}`,
      cause: error,
    });
  }
}

/** One transaction that only reads: writers go on beside it. */
function intoFile(file: string, target: string): void {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  try {
    db.prepare('VACUUM INTO ?').run(target);
  } finally {
    db.close();
  }
  const copy = new DatabaseSync(target);
  copy.exec('PRAGMA journal_mode = WAL'); // as every log is; it is said in the file
  copy.close();
}

/** @returns its bytes */
async function synced(file: string): Promise<number> {
  await using handle = await open(file, 'r+');
  await handle.sync();
  return (await handle.stat()).size;
}

/** @returns bytes of all that was copied; what vanishes meanwhile was erased */
async function copyFolder(from: string, to: string): Promise<number> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  let bytes = 0;
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) bytes += await copyFolder(source, target);
    else if (entry.isFile() && !entry.name.endsWith('.tmp')) {
      const found = await copyFile(source, target).then(() => stat(target), ifGone);
      if (found !== null) bytes += await synced(target);
    }
  }
  await syncDirectory(to);
  return bytes;
}

function ifGone(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
