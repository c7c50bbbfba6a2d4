import { type BigIntStats, closeSync, lstatSync, readdirSync } from 'node:fs';
import { PAGE_BYTES } from '../limits.ts';
import { inFolder, openFolder } from './beneath.ts';

/** What files and folders take of the quota. */
export interface Usage {
  readonly bytes: number;
  /** Names of files and folders. */
  readonly entries: number;
}

/** Folders within each other that are looked into: an app makes fewer, whoever else does is not followed without end. */
const MAX_DEPTH = 200;

/**
 * Bytes of the quota that a file takes: its length, whether the disk has it or it is full of holes, in whole pages, and one page for its
 * being there. An entry without content takes that one page.
 */
export function chargeOf(size: number): number {
  return PAGE_BYTES + Math.ceil(size / PAGE_BYTES) * PAGE_BYTES;
}

export function chargeOfEntry(entry: BigIntStats): number {
  return entry.isFile() ? chargeOf(Number(entry.size)) : PAGE_BYTES;
}

/** Counts what lies in a folder; a file with several names there once. */
export function countIn(folder: number): Usage {
  let [bytes, entries] = [0, 0];
  const seen = new Set<string>();
  const count = (fd: number, depth: number): void => {
    for (const name of readdirSync(inFolder(fd, null), { encoding: 'buffer' })) {
      const entry = lstatSync(inFolder(fd, name), { bigint: true, throwIfNoEntry: false });
      if (entry === undefined) continue;
      entries++;
      if (entry.isFile() && entry.nlink > 1n) {
        const id = `${entry.dev}:${entry.ino}`;
        if (seen.has(id)) continue;
        seen.add(id);
      }
      bytes += chargeOfEntry(entry);
      if (entry.isDirectory() && depth < MAX_DEPTH) within(fd, name, (child) => count(child, depth + 1));
    }
  };
  count(folder, 0);
  return { bytes, entries };
}

/** How far what lies in a folder reaches below it. */
export interface Reach {
  /** Folders within each other. */
  readonly depth: number;
  /** Bytes of the longest path from there. */
  readonly pathBytes: number;
}

/** Measures what lies in a folder. */
export function reachOf(folder: number, name: string): Reach {
  const measure = (fd: number, level: number): Reach => {
    let reach: Reach = { depth: 0, pathBytes: 0 };
    for (const entry of readdirSync(inFolder(fd, null), { encoding: 'buffer', withFileTypes: true })) {
      let below: Reach = { depth: 0, pathBytes: 0 };
      if (entry.isDirectory() && level < MAX_DEPTH)
        within(fd, entry.name, (child) => {
          below = measure(child, level + 1);
        });
      reach = {
        depth: Math.max(reach.depth, below.depth + 1),
        pathBytes: Math.max(reach.pathBytes, below.pathBytes + entry.name.length + 1),
      };
    }
    return reach;
  };
  let reach: Reach = { depth: 0, pathBytes: 0 };
  within(folder, name, (child) => {
    reach = measure(child, 0);
  });
  return reach;
}

function within(fd: number, name: string | Buffer, look: (child: number) => void): void {
  let child: number;
  try {
    child = openFolder(fd, name);
  } catch {
    return; // it cannot be looked into, by the app neither
  }
  try {
    look(child);
  } finally {
    closeSync(child);
  }
}
