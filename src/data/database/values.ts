import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { dataError } from '../errors.ts';

const INTEGER = /^-?\d{1,19}$/;
const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 63n - 1n;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/**
 * A parameter as it stands in JSON: null, boolean (as 0 or 1), number, string, `{"$int":"…"}` or `{"$blob":"<base64>"}`.
 * Whole numbers are bound as integers, so that they are stored as what they are where a column has no type.
 *
 * @param where names the parameter in an error, e.g. `params[0]`
 * @throws TabbifyError `sql_error`
 */
export function toSqlite(value: unknown, where: string): SQLInputValue {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === 'object' && !Array.isArray(value)) {
    const { $int, $blob, ...rest } = value as { $int?: unknown; $blob?: unknown };
    const isAlone = Object.keys(rest).length === 0;
    if (isAlone && $blob === undefined && typeof $int === 'string' && INTEGER.test($int)) {
      const integer = BigInt($int);
      if (integer >= MIN_INTEGER && integer <= MAX_INTEGER) return integer;
    }
    if (isAlone && $int === undefined && typeof $blob === 'string' && BASE64.test($blob)) {
      return Buffer.from($blob, 'base64');
    }
  }
  throw dataError('sql_error', {
    what: `${where} is no value of SQL`,
    hint: 'Values are null, numbers, text, true and false, {"$int":"9007199254740993"} and {"$blob":"<base64>"}; keep objects with JSON.stringify',
  });
}

/** A value of a result as it stands in JSON. What JSON has no number for (infinite) becomes null. */
export function fromSqlite(value: SQLOutputValue): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : { $int: String(value) };
  }
  if (typeof value !== 'object' || value === null) return value;
  return { $blob: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
}
