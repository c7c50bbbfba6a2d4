/** One row of the report: what was measured, what was asked for, and whether that was reached. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the project asks of itself, e.g. `≥ 0.33`. */
  readonly target: string;
  readonly reached: boolean;
  /** The peer's figure in the same run, or what the value is made of. */
  readonly beside: string;
}

export function atLeast(name: string, value: number, unit: string, bound: number, beside = ''): Figure {
  return { name, value, unit, target: `≥ ${bound}`, reached: value >= bound, beside };
}

export function atMost(name: string, value: number, unit: string, bound: number, beside = ''): Figure {
  return { name, value, unit, target: `≤ ${bound}`, reached: value <= bound, beside };
}

/** The middle of the values (the mean of the two middle ones). */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Linear interpolation between the closest ranks. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** The report as a table for people. */
export function table(figures: readonly Figure[]): string {
  const rows = [
    ['', 'figure', 'value', 'asked for', 'beside'],
    ...figures.map((f) => [
      f.reached ? 'ok' : 'MISSED',
      f.name,
      `${round(f.value)} ${f.unit}`,
      f.target,
      f.beside,
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function round(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(3);
}
