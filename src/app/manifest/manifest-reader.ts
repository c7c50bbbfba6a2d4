import { type Findings, named, quoted } from './findings.ts';
import { FORMAT, valueSpecOf } from './format.ts';
import type { KeyPath } from './key-path.ts';
import type { KeySpecs } from './key-spec.ts';

type Table = Readonly<Record<string, unknown>>;

/**
 * Typed access to a parsed manifest. A value of the wrong shape becomes a finding and reads as if it were absent,
 * so one pass names everything that is wrong.
 */
export interface ManifestReader {
  has(path: KeyPath): boolean;
  /** As it was parsed; undefined when it is absent. */
  value(path: KeyPath): unknown;
  text(path: KeyPath): string | null;
  boolean(path: KeyPath): boolean | null;
  /** A whole number within the bounds that the format has for it, both included. @param below a lower upper bound */
  integer(path: KeyPath, below?: number): number | null;
  oneOf<const Value extends string>(path: KeyPath, values: readonly Value[]): Value | null;
  texts(path: KeyPath): readonly string[];
  /** Keys of a table; empty when it is absent. */
  keys(path: KeyPath): readonly string[];
  /** Paths of the elements of an array of tables. */
  tables(path: KeyPath): readonly KeyPath[];
}

/** @param format where the bounds of its numbers stand, when it is no manifest */
export function manifestReader(root: Table, findings: Findings, format: KeySpecs = FORMAT): ManifestReader {
  const wrong = (path: KeyPath, expected: string, value: unknown, hint: string) => {
    findings.atValue(path, `${named(path)} must be ${expected}, not ${quoted(value)}`, hint);
    return null;
  };
  const reader: ManifestReader = {
    has: (path) => valueAt(root, path) !== undefined,
    value: (path) => valueAt(root, path),
    text(path) {
      const value = valueAt(root, path);
      if (value === undefined || typeof value === 'string') return value ?? null;
      const hint = typeof value === 'object' ? 'write one text in quotes' : `write "${String(value)}"`;
      return wrong(path, 'text', value, hint);
    },
    boolean(path) {
      const value = valueAt(root, path);
      if (value === undefined || typeof value === 'boolean') return value ?? null;
      return wrong(path, 'true or false', value, 'write `true` or `false`, without quotes');
    },
    integer(path, below = Number.POSITIVE_INFINITY) {
      const spec = valueSpecOf(path, format);
      if (spec?.type !== 'integer') throw new TypeError(`${path.join('.')} is no whole number of the format`);
      const [min, max] = [spec.min, Math.min(spec.max, below)];
      const value = valueAt(root, path);
      if (value === undefined) return null;
      if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
      const hint =
        typeof value === 'string' && /^\d+$/.test(value) && Number(value) <= max
          ? `write ${value} without quotes`
          : 'write the number alone, without quotes or a unit';
      return wrong(path, `a whole number from ${min} to ${max}`, value, hint);
    },
    oneOf(path, values) {
      const value = valueAt(root, path);
      if (value === undefined) return null;
      const known = values.find((candidate) => candidate === value);
      if (known !== undefined) return known;
      const allowed = values.map((candidate) => `\`${candidate}\``).join(', ');
      findings.atValue(path, `${named(path)} cannot be ${quoted(value)}`, `allowed: ${allowed}`);
      return null;
    },
    texts(path) {
      const value = valueAt(root, path);
      if (value === undefined) return [];
      if (Array.isArray(value) && value.every((element) => typeof element === 'string')) return value;
      wrong(path, 'a list of texts', value, 'write e.g. ["one", "two"]');
      return [];
    },
    keys(path) {
      const value = valueAt(root, path);
      if (isTable(value)) return Object.keys(value);
      if (value !== undefined)
        wrong(path, 'a table', value, `write \`[${path.join('.')}]\` and its keys below`);
      return [];
    },
    tables(path) {
      const value = valueAt(root, path);
      if (value === undefined) return [];
      if (Array.isArray(value) && value.every(isTable)) return value.map((_, index) => [...path, index]);
      wrong(path, 'a list of tables', value, `write \`[[${path.join('.')}]]\``);
      return [];
    },
  };
  return reader;
}

/** The value at a path; undefined when any part of it is absent. */
function valueAt(root: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof part === 'number') return Array.isArray(value) ? value[part] : undefined;
    return isTable(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  }, root);
}

/** A TOML table; dates and arrays are none. */
export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
