import { open, readFile } from 'node:fs/promises';

/** What lies in a write-ahead log of SQLite (https://www.sqlite.org/fileformat2.html#walformat). */
export interface Wal {
  /** Of the header; a new one begins with every start from the beginning of the file. */
  readonly salt: string;
  /** Byte after the last frame of this salt; older frames behind it do not count. */
  readonly end: number;
  /** Numbers of the database's pages that have a frame. */
  readonly pages: ReadonlySet<number>;
  readonly pageSize: number;
}

export const WAL_HEADER = 32;
export const FRAME_HEADER = 24;

/** Null when there is none, or an empty one. */
export async function readWal(file: string): Promise<Wal | null> {
  const bytes = await readFile(`${file}-wal`).catch(() => Buffer.alloc(0));
  if (bytes.length < WAL_HEADER) return null;
  const pageSize = bytes.readUInt32BE(8);
  const salt = bytes.toString('hex', 16, 24);
  const pages = new Set<number>();
  let end = WAL_HEADER;
  for (; end + FRAME_HEADER + pageSize <= bytes.length; end += FRAME_HEADER + pageSize) {
    if (bytes.toString('hex', end + 8, end + 16) !== salt) break;
    pages.add(bytes.readUInt32BE(end));
  }
  return { salt, end, pages, pageSize };
}

/** Writes bytes into the middle of a file. */
export async function overwrite(file: string, at: number, bytes: Uint8Array): Promise<void> {
  await using handle = await open(file, 'r+');
  await handle.write(bytes, 0, bytes.length, at);
}
