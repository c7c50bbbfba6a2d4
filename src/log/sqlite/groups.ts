import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

/** The chain before the first group. */
export const CHAIN_START: Uint8Array = new Uint8Array(32);

/**
 * The chain after a group: SHA-256(chain before ‖ `at` as 8 bytes, big-endian ‖ digests of the group's rows, in
 * order). It holds only if no event was changed, taken out, put in or moved, and no time either.
 */
export function chainAfter(before: Uint8Array, at: number, digests: readonly Uint8Array[]): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigInt64BE(BigInt(at));
  const hash = createHash('sha256').update(before).update(time);
  for (const digest of digests) hash.update(digest);
  return hash.digest();
}

/** One row a commit: up to which position, when by the log's own clock, and the chain. */
export interface Groups {
  /** When the last group was taken in, ms; 0 for an empty log. */
  readonly at: number;
  /** Adds a group, inside its transaction. @param at not before `at` of the group before */
  add(last: number, at: number, digests: readonly Uint8Array[]): void;
  /** After a rollback: takes up what is stored. */
  reload(): void;
  /** The first position that was taken in at `ms` or later; `head + 1` when there is none. */
  firstAt(ms: number, head: number): number;
  /** When the event at a position was taken in, ms; null when there is none. */
  timeOf(position: number): number | null;
}

export function createGroups(db: DatabaseSync): Groups {
  const insert = db.prepare('INSERT INTO groups (last, at, chain) VALUES (?, ?, ?)');
  const newest = db.prepare('SELECT last, at, chain FROM groups ORDER BY last DESC LIMIT 1');
  const holding = db.prepare('SELECT last, at FROM groups WHERE last >= ? ORDER BY last LIMIT 1');
  const lastBefore = db.prepare('SELECT last FROM groups WHERE last < ? ORDER BY last DESC LIMIT 1');
  let at = 0;
  let chain: Uint8Array = CHAIN_START;
  const reload = () => {
    const row = newest.get();
    at = Number(row?.at ?? 0);
    chain = row?.chain instanceof Uint8Array ? row.chain : CHAIN_START;
  };
  const timeOf = (position: number) => {
    const row = holding.get(position);
    return row === undefined ? null : Number(row.at);
  };
  reload();
  return {
    get at() {
      return at;
    },
    reload,
    timeOf,
    add(last, when, digests) {
      chain = chainAfter(chain, when, digests);
      at = when;
      insert.run(last, when, chain);
    },
    firstAt(ms, head) {
      let low = 1;
      let high = head + 1;
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        const group = holding.get(middle);
        if (group === undefined || Number(group.at) >= ms) {
          high = Number(lastBefore.get(middle)?.last ?? 0) + 1;
          if (high <= low) return low;
        } else {
          low = Math.max(low, Number(group.last)) + 1;
        }
      }
      return low;
    },
  };
}
