import { isUtf8 } from 'node:buffer';
import { type Dirent, opendirSync } from 'node:fs';
import { inFolder } from './beneath.ts';
import { kindOf } from './file-stat.ts';
import type { FolderEntry } from './requests.ts';

/** Entries that are told at once. */
const AT_ONCE = 256;

/** A folder that is being read. */
export interface Listing {
  readonly kind: 'listing';
  /** The next entries; none: that were all. */
  next(): readonly FolderEntry[];
  close(): void;
}

/** @param folder open */
export function openListing(folder: number): Listing {
  // Node's types know no names as bytes here.
  const dir = opendirSync(inFolder(folder, '.'), { encoding: 'buffer' as BufferEncoding });
  return {
    kind: 'listing',
    next() {
      const entries: FolderEntry[] = [];
      while (entries.length < AT_ONCE) {
        const entry = dir.readSync() as unknown as Dirent<Buffer> | null;
        if (entry === null) break;
        entries.push(isUtf8(entry.name) ? { kind: kindOf(entry), name: entry.name.toString('utf8') } : null);
      }
      return entries;
    },
    close: () => dir.closeSync(),
  };
}
