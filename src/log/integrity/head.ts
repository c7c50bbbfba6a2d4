import { eventOf } from './row-check.ts';
import type { TolerantFile } from './tolerant.ts';

/** Rows looked at at once. */
const BATCH = 256;

/**
 * Position of the last event: that of the last commit that can be read, and whole events that follow it without a gap.
 * A position further on is a flipped bit.
 */
export function headOf(file: TolerantFile, lastOfGroups: number): number {
  let head = lastOfGroups;
  while (true) {
    const rows = file.rows(head + 1, head + BATCH);
    const before = head;
    while (typeof eventOf(rows.get(head + 1)) !== 'string') head++;
    if (head < before + BATCH) return head;
  }
}
