import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs';

/** Bytes of the header of a database file (https://www.sqlite.org/fileformat2.html#the_database_header). */
const HEADER = 100;
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
/** Name, offset, value: what a log's file never has otherwise. */
const FIXED: readonly (readonly [string, number, number])[] = [
  ['page size (high byte)', 16, 0x10],
  ['page size (low byte)', 17, 0],
  ['write version', 18, 2],
  ['read version', 19, 2],
  ['reserved space', 20, 0],
  ['largest payload fraction', 21, 64],
  ['smallest payload fraction', 22, 32],
  ['leaf payload fraction', 23, 32],
  ['schema format', 47, 4],
  ['text encoding', 59, 1],
];

/** Offsets that are zero until the first checkpoint. */
const UNWRITTEN = new Set([47, 59]);

function hasWal(file: string): boolean {
  return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** @returns what is wrong with the header of a log's file, a sentence each */
export function headerFindings(file: string): string[] {
  const header = firstBytes(file, HEADER);
  if (header.length === 0) return ['the file is empty'];
  if (header.length < HEADER) return ['the file is shorter than its header'];
  // Of a young log they are still in the write-ahead log alone.
  const unwritten = (offset: number) => UNWRITTEN.has(offset) && header[offset] === 0 && hasWal(file);
  const isWrong = (offset: number, value: number) => header[offset] !== value && !unwritten(offset);
  const wrong = FIXED.filter(([, offset, value]) => isWrong(offset, value)).map(
    ([name, offset]) => `the header of the file is damaged: its ${name} is ${header[offset]}`,
  );
  if (!header.subarray(0, MAGIC.length).equals(MAGIC)) {
    wrong.unshift('the header of the file is damaged: it does not begin as a database does');
  }
  return wrong;
}

/** Writes what a log's header always has over a damaged one; for a copy of the file, never for the file itself. */
export function mendHeader(copy: string): void {
  const header = firstBytes(copy, HEADER);
  if (header.length < HEADER) return;
  MAGIC.copy(header);
  for (const [, offset, value] of FIXED) header[offset] = value;
  const handle = openSync(copy, 'r+');
  try {
    writeSync(handle, header, 0, HEADER, 0);
  } finally {
    closeSync(handle);
  }
}

function firstBytes(file: string, count: number): Buffer {
  const bytes = Buffer.alloc(count);
  const handle = openSync(file, 'r');
  try {
    return bytes.subarray(0, readSync(handle, bytes, 0, count, 0));
  } finally {
    closeSync(handle);
  }
}
