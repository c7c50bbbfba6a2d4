import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProcessIdentity, writeFileAtomic } from '../../kit/index.ts';

/** Which process serves the data of a folder. */
export interface DataRecord extends ProcessIdentity {
  readonly format: 1;
  /** UUID made at its start; it says the same over its socket. */
  readonly nonce: string;
  readonly socket: string;
}

/** Path of the record in the folder that holds the data. */
function recordPath(folder: string): string {
  return join(folder, 'process.json');
}

export async function saveRecord(folder: string, record: DataRecord): Promise<void> {
  await writeFileAtomic(recordPath(folder), JSON.stringify(record));
}

/** The record; null when there is none, `unreadable` when that cannot be said. */
export async function readRecord(folder: string): Promise<DataRecord | null | 'unreadable'> {
  try {
    const record = JSON.parse(await readFile(recordPath(folder), 'utf8')) as Partial<DataRecord>;
    return typeof record.nonce === 'string' && typeof record.pid === 'number'
      ? (record as DataRecord)
      : 'unreadable';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : 'unreadable';
  }
}
