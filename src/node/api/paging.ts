/** One page of a list and how to go on. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Pass as `cursor`; null at the end. */
  readonly next: string | null;
}

/**
 * Cuts a list that is sorted by a unique key. The cursor is the last key that was seen, so rows that come and go do not
 * shift the pages.
 *
 * @param limit rows, at least 1
 */
export function pageOf<Row>(
  sorted: readonly Row[],
  key: (row: Row) => string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Page<Row> {
  const from = cursor === undefined || cursor === '' ? 0 : sorted.findIndex((row) => key(row) > cursor);
  const rows = from === -1 ? [] : sorted.slice(from, from + limit);
  const last = rows.at(-1);
  const more = from !== -1 && from + limit < sorted.length;
  return { rows, next: more && last !== undefined ? key(last) : null };
}

/** Of a list from which nothing is ever taken out: places are keys, and later ones sort first. */
export function keyOfIndex(index: number): string {
  return String(1e9 - index).padStart(10, '0');
}
