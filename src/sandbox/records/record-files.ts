import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { freshName } from '../../kit/index.ts';
import type { BoxPlace } from '../box.ts';
import { sandboxError } from '../errors.ts';
import { UIDS_PER_OFFICE } from '../uids/ranges.ts';
import { type BoxRecord, parseRecord } from './record.ts';

/** Where the records of an office's boxes lie. */
export interface RecordPlace {
  /** Real path of the home: one office has one, whatever leads there. */
  readonly home: string;
  readonly boxes: string;
}

/** Has this office ever had a box? */
export function hasRecords(place: BoxPlace): boolean {
  return existsSync(join(place.home, 'boxes'));
}

/** @throws the file system's error */
export function recordPlace(place: BoxPlace): RecordPlace {
  mkdirSync(join(place.home, 'boxes'), { recursive: true, mode: 0o700 });
  const home = realpathSync(place.home);
  return { home, boxes: join(home, 'boxes') };
}

/**
 * Writes the record of a new box at the lowest number that no box has.
 *
 * @throws TabbifyError `box_failed` when the office has as many boxes as there may be
 */
export function addRecord(place: RecordPlace, make: (slot: number) => BoxRecord): BoxRecord {
  const taken = new Set(readdirSync(place.boxes));
  for (let slot = 0; slot < UIDS_PER_OFFICE; slot++) {
    if (taken.has(`${slot}.json`)) continue;
    const record = make(slot);
    if (write(place, record, linkSync)) return record;
  }
  throw sandboxError('box_failed', {
    what: 'No room for another sandbox',
    why: `this office has ${UIDS_PER_OFFICE} of them`,
  });
}

/** Writes a record anew. */
export function updateRecord(place: RecordPlace, record: BoxRecord): void {
  write(place, record, renameSync);
}

export function removeRecord(place: RecordPlace, { slot }: BoxRecord): void {
  rmSync(join(place.boxes, `${slot}.json`), { force: true });
}

/** All records there are. */
export function readRecords(place: RecordPlace): BoxRecord[] {
  return readdirSync(place.boxes)
    .filter((name) => /^\d+\.json$/.test(name))
    .flatMap((name) => {
      const record = read(join(place.boxes, name));
      return record === null ? [] : [record];
    });
}

/** Milliseconds after which no process still writes what it has begun. */
const STALE_MS = 60_000;

/** Removes what is left of writes that were cut off, and files that are no records. */
export function removeLeftovers(place: RecordPlace): void {
  for (const name of readdirSync(place.boxes)) {
    const path = join(place.boxes, name);
    if (name.endsWith('.tmp') && isStale(path)) rmSync(path, { force: true });
    if (/^\d+\.json$/.test(name) && read(path) === null) rmSync(path, { force: true });
  }
}

function isStale(path: string): boolean {
  const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return modified !== undefined && Date.now() - modified > STALE_MS;
}

function read(path: string): BoxRecord | null {
  try {
    return parseRecord(readFileSync(path, 'utf8'));
  } catch {
    return null; // its box ended in between
  }
}

/**
 * Puts a whole file in its place; false when there is one already and it may not be replaced. Not synced: after a power cut no
 * box is left that it could be about.
 */
function write(place: RecordPlace, record: BoxRecord, put: (from: string, to: string) => void): boolean {
  const temporary = join(place.boxes, `${freshName()}.tmp`);
  writeFileSync(temporary, JSON.stringify(record), { mode: 0o600, flag: 'wx' });
  try {
    put(temporary, join(place.boxes, `${record.slot}.json`));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}
