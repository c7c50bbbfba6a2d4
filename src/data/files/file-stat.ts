import { createHash } from 'node:crypto';
import type { BigIntStats, Dirent, Stats } from 'node:fs';
import type { FileKind, FileStat, FileTime } from './requests.ts';

const NS_PER_SECOND = 1_000_000_000n;

/** What it is, of `lstat` or of a folder's entry. */
export function kindOf(entry: BigIntStats | Stats | Dirent<Buffer>): FileKind {
  if (entry.isFile()) return 'regular-file';
  if (entry.isDirectory()) return 'directory';
  if (entry.isSymbolicLink()) return 'symbolic-link';
  if (entry.isFIFO()) return 'fifo';
  if (entry.isSocket()) return 'socket';
  if (entry.isCharacterDevice()) return 'character-device';
  return entry.isBlockDevice() ? 'block-device' : 'unknown';
}

export function statOf(entry: BigIntStats): FileStat {
  return {
    kind: kindOf(entry),
    links: Number(entry.nlink),
    size: Number(entry.size),
    accessed: timeOf(entry.atimeNs),
    modified: timeOf(entry.mtimeNs),
    changed: timeOf(entry.ctimeNs),
  };
}

/** WASI has no times before 1970. */
function timeOf(ns: bigint): FileTime {
  return ns < 0n ? [0, 0] : [Number(ns / NS_PER_SECOND), Number(ns % NS_PER_SECOND)];
}

/** Another value for each object, which says nothing of the host. */
export function objectOf(entry: BigIntStats, salt: Uint8Array): string {
  return hashOf(salt, [entry.dev, entry.ino]);
}

/** Another value for each object, and for each state that it was in. */
export function metadataHashOf(entry: BigIntStats, salt: Uint8Array): string {
  return hashOf(salt, [entry.dev, entry.ino, entry.size, entry.mtimeNs, entry.ctimeNs]);
}

function hashOf(salt: Uint8Array, values: readonly bigint[]): string {
  return createHash('sha256').update(salt).update(values.join(':')).digest('hex').slice(0, 32);
}
