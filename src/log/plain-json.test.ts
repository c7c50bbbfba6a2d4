import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from './envelope.ts';
import { plainCopy } from './plain-json.ts';

const parsed = (value: unknown) => JSON.parse(JSON.stringify(value));

test('a copy is what writing it as JSON and reading it again gives', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
      const copy = plainCopy(data as JsonObject);
      if (copy !== null) expect(copy).toStrictEqual(parsed(data));
      else expect(JSON.stringify(data)).toContain('__proto__');
    }),
    { numRuns: 2000 },
  );
});

test('what JSON leaves out or writes otherwise is copied so', () => {
  const data = {
    gone: undefined,
    list: [undefined, -0, Number.NaN, Number.POSITIVE_INFINITY],
    half: '\ud800',
    deep: { gone: undefined },
  };
  expect(plainCopy(data as never)).toStrictEqual(parsed(data));
});

test('a value whose JSON is another matter is not copied', () => {
  class Point {
    x = 1;
  }
  const list = Object.assign([1], { toJSON: () => 'text' });
  for (const one of [new Date(0), new Point(), { toJSON: () => 1 }, () => 1, Symbol('a'), 1n, list]) {
    expect(plainCopy({ one } as never)).toBeNull();
  }
  expect(plainCopy(new Point() as never)).toBeNull();
});

test('the copy does not change with the original', () => {
  const data = { list: [{ n: 1 }] };
  const copy = plainCopy(data);
  (data.list[0] as { n: number }).n = 2;
  expect(copy).toEqual({ list: [{ n: 1 }] });
});
