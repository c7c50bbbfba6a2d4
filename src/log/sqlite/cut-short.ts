import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/**
 * Does the database know of events behind the end of its write-ahead log? What is copied into the database was flushed
 * in the write-ahead log before, so a power cut cannot do this; a disk that lost what it had confirmed can. Taken as it
 * is, older pages of the write-ahead log would stand before newer ones, and positions be given twice.
 *
 * Looks without changing anything: to open such a file for writing, and to close it, would destroy it.
 *
 * @returns what is wrong, in words; null when nothing is, or when it cannot be told from the file
 */
export function cutShort(file: string): string | null {
  const wal = statSync(`${file}-wal`, { throwIfNoEntry: false });
  if (wal === undefined || wal.size === 0) return null;
  const alone = pathToFileURL(file);
  alone.searchParams.set('immutable', '1'); // without the write-ahead log (https://www.sqlite.org/uri.html)
  const confirmed = headOf(alone);
  if (confirmed === null) return null;
  const head = headOf(file) ?? 0;
  if (head >= confirmed) return null;
  return `the database holds events up to ${confirmed}, its write-ahead log ends at ${head}: what the disk had confirmed is gone`;
}

/** Position of the last event, where its commit says the same; null when that cannot be read. */
function headOf(file: string | URL): number | null {
  try {
    const db = new DatabaseSync(file, { readOnly: true });
    try {
      const row = db
        .prepare(
          'SELECT (SELECT max(position) FROM events) AS event, (SELECT max(last) FROM groups) AS commit_',
        )
        .get();
      return Math.min(Number(row?.event ?? 0), Number(row?.commit_ ?? 0));
    } finally {
      db.close();
    }
  } catch {
    return null; // damaged pages, or a file of an older format: the opening itself will tell
  }
}
