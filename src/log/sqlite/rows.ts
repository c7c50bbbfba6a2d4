import type { DatabaseSync } from 'node:sqlite';
import { digestOf } from './digest.ts';
import { isDamage } from './lanes.ts';

/** The text that is kept of an event, without its position. */
export interface Rows {
  /** Null when it cannot be read as it was written: gone, unreadable, or another than its digest says. */
  bodyAt(position: number): string | null;
  /** The same for every position of a run, `from` to `to`, in order. */
  bodiesFrom(from: number, to: number): (string | null)[];
}

export function createRows(db: DatabaseSync): Rows {
  const one = db.prepare('SELECT body, stub, digest FROM events WHERE position = ?');
  const run = db.prepare(
    'SELECT body, stub, digest, position FROM events WHERE position BETWEEN ? AND ? ORDER BY position',
  );
  one.setReturnArrays(true);
  run.setReturnArrays(true);

  const bodyAt = (position: number): string | null => {
    try {
      return verified(one.get(position));
    } catch (error) {
      if (isDamage(error)) return null;
      throw error;
    }
  };
  return {
    bodyAt,
    bodiesFrom(from, to) {
      const bodies: (string | null)[] = Array(to - from + 1).fill(null);
      try {
        for (const row of run.iterate(from, to)) {
          bodies[Number((row as unknown as unknown[])[3]) - from] = verified(row);
        }
        return bodies;
      } catch (error) {
        if (!isDamage(error)) throw error;
        // A page of the file is damaged: what stands on others is read one by one.
        return bodies.map((_, index) => bodyAt(from + index));
      }
    },
  };
}

function verified(row: unknown): string | null {
  if (row === undefined) return null;
  const [body, stub, digest] = row as [unknown, Uint8Array | null, Uint8Array];
  if (typeof body !== 'string') return null;
  return Buffer.compare(digestOf(body), stub ?? digest) === 0 ? body : null;
}
