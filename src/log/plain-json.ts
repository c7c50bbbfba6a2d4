import type { Json, JsonObject } from './envelope.ts';

/**
 * A copy that is what `JSON.parse(JSON.stringify(value))` gives, several times faster; null when the value holds
 * something whose JSON is another matter (a date, a `toJSON`, a class), so that the text has to be asked.
 */
export function plainCopy(value: JsonObject): JsonObject | null {
  try {
    return copyObject(value);
  } catch (error) {
    if (error === NOT_PLAIN) return null;
    throw error;
  }
}

const NOT_PLAIN = new Error('not plain JSON');

function copyObject(value: { readonly [key: string]: unknown }): JsonObject {
  const prototype: unknown = Object.getPrototypeOf(value);
  if ((prototype !== Object.prototype && prototype !== null) || 'toJSON' in value) throw NOT_PLAIN;
  const copy: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    const one = value[key];
    if (one === undefined) continue; // left out of JSON
    if (key === '__proto__') throw NOT_PLAIN;
    copy[key] = copyOf(one);
  }
  return copy;
}

function copyOf(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null; // -0 is written as 0
  if (Array.isArray(value)) {
    if ('toJSON' in value) throw NOT_PLAIN;
    return Array.from(value, (one) => (one === undefined ? null : copyOf(one)));
  }
  if (typeof value === 'object') return copyObject(value as { readonly [key: string]: unknown });
  throw NOT_PLAIN; // a function or a symbol is left out, a big integer refused
}
