import type { AppendRow } from './messages.ts';

/** About so many pages of the write-ahead log (4 KiB) are written into the database together. */
const PAGES = 1000;
const PAGE_BYTES = 4096;

/**
 * Where the writing thread does it itself, within a commit: when the other does not come to it, and to begin the
 * write-ahead log anew, which needs a moment in which everything of it is in the database (32 MiB).
 */
export const BY_ITSELF_PAGES = 8 * PAGES;
/** What the file of the write-ahead log may keep when it begins anew: cutting it off would hold up a commit. */
export const KEPT_BYTES = 48 * 1024 * 1024;

/**
 * Has the write-ahead log written into the database by the thread that reads. Within a commit its flushes would hold up
 * every append of that moment: with an fsync of 4 ms by 20 ms, twice a second at 1,000 appends a second.
 */
export interface Checkpoints {
  /** Told of a group that was committed. */
  note(rows: readonly AppendRow[]): void;
}

/** @param run does it; called again only when it has ended. Must not reject. */
export function createCheckpoints(run: () => Promise<void>): Checkpoints {
  let pages = 0;
  let running = false;
  const runWhenDue = () => {
    if (pages < PAGES || running) return;
    pages = 0;
    running = true;
    void run().finally(() => {
      running = false;
      runWhenDue(); // what was committed meanwhile
    });
  };
  return {
    note(rows) {
      // A commit writes some ten pages of indices, units and the tables' ends, which its events share.
      pages += 10;
      for (const { body } of rows) pages += 0.25 + body.length / PAGE_BYTES;
      runWhenDue();
    },
  };
}
