import type { DatabaseSync } from 'node:sqlite';
import { digestHex } from './digest.ts';
import { isDamage } from './lanes.ts';

/** The texts that are kept of events, without their positions. */
export interface Rows {
  /** Null when it cannot be read as it was written: gone, unreadable, or another than its digest says. */
  bodyAt(position: number): string | null;
  /** The same for several positions, in the order given. A few dozen at once cost half of what they cost singly. */
  bodiesAt(positions: readonly number[]): (string | null)[];
}

/** The digest as text: an array of bytes would cost more than the rest of the row. */
const COLUMNS = 'e.body, lower(hex(coalesce(e.stub, e.digest))), e.position';

export function createRows(db: DatabaseSync): Rows {
  const one = db.prepare(`SELECT ${COLUMNS} FROM events e WHERE e.position = ?`);
  const run = db.prepare(`SELECT ${COLUMNS} FROM events e WHERE e.position BETWEEN ? AND ?`);
  // CROSS JOIN fixes the order: the list is walked, the events are looked up.
  const several = db.prepare(
    `SELECT ${COLUMNS} FROM json_each(?) j CROSS JOIN events e ON e.position = j.value`,
  );
  for (const statement of [one, run, several]) statement.setReturnArrays(true);

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
    bodiesAt(positions) {
      const first = positions[0] ?? 0;
      const last = positions.at(-1) ?? 0;
      const low = Math.min(first, last);
      const high = Math.max(first, last);
      try {
        const rows =
          high - low + 1 === positions.length ? run.all(low, high) : several.all(JSON.stringify(positions));
        const bodies = new Map<number, string | null>();
        for (const row of rows) bodies.set(positionOf(row), verified(row));
        return positions.map((position) => bodies.get(position) ?? null);
      } catch (error) {
        if (!isDamage(error)) throw error;
        // A page of the file is damaged: what stands on others is read one by one.
        return positions.map(bodyAt);
      }
    },
  };
}

function positionOf(row: unknown): number {
  return (row as [string, string, number])[2];
}

function verified(row: unknown): string | null {
  if (row === undefined) return null;
  const [body, digest] = row as [unknown, unknown];
  return typeof body === 'string' && digestHex(body) === digest ? body : null;
}
