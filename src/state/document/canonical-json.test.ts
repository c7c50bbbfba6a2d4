import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../log/index.ts';
import { canonicalJson } from './canonical-json.ts';

const anyJson = fc.jsonValue() as fc.Arbitrary<Json>;

/** The same value, with the keys of every object put in the other order. */
function turned(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(turned);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, field]) => [key, turned(field)]),
  );
}

test('it says what JSON says', () => {
  fc.assert(
    fc.property(anyJson, (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('equal values are equal bytes, whatever the order of their keys', () => {
  fc.assert(
    fc.property(anyJson, (value) => {
      expect(canonicalJson(turned(value))).toBe(canonicalJson(value));
    }),
  );
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe(
    '{"a":true,"b":[1,{"c":"x","d":null}]}',
  );
});
