import { visibleWidth, wrapped } from './prose.ts';

/**
 * Lines of a table whose columns are as wide as their widest cell; the last column is not padded.
 *
 * @param rows cells by row, headings first; colours in cells do not count as width
 * @param columns width there is: a last cell that is longer goes on below itself
 */
export function tableLines(
  rows: readonly (readonly string[])[],
  columns: number = Number.POSITIVE_INFINITY,
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, visibleWidth(cell));
    });
  }
  return rows.map((row) => {
    const line = row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - visibleWidth(cell)))
      .join('  ')
      .trimEnd();
    const lastStart = widths.slice(0, row.length - 1).reduce((sum, width) => sum + width + 2, 0);
    const margin = /^ */.exec(line)?.[0].length ?? 0;
    return wrapped(line, columns, lastStart - margin);
  });
}

/** `1.4 KB`: a size for people (1 KB = 1024 bytes). */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = -1;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
