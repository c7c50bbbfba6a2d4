import type { StoredEvent } from '../envelope.ts';
import { digestOf, digestText } from '../sqlite/digest.ts';
import type { Row } from './tolerant.ts';

/** What stands in a row, once it was found to be as it was written. */
export type RowEvent = Omit<StoredEvent, 'position'>;

/**
 * Is a row as it was written?
 *
 * @returns the event in it, or why it cannot be trusted
 */
export function eventOf(row: Row | undefined): RowEvent | string {
  if (row === undefined) return 'its row cannot be read';
  if (!(row.digest instanceof Uint8Array) || row.digest.length !== 32) return 'its digest cannot be read';
  const wanted = row.stub ?? row.digest;
  if (Buffer.compare(digestOf(row.body), wanted) !== 0) return 'its body does not have its digest';
  let event: RowEvent;
  try {
    event = JSON.parse(row.body) as RowEvent;
  } catch {
    return 'its body is not JSON';
  }
  if (row.stub !== null && event.erased !== digestText(row.digest)) return 'its tombstone names another body';
  return event;
}

/** The 32 hexadecimal digits of a row's id. */
export function idHex(row: Row): string {
  return Buffer.from(row.id).toString('hex');
}
