import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { DomainEventType } from './events.ts';
import { domainTypes } from './registry.ts';
import { shapeOf } from './shape.ts';
import { examples } from './testing/examples.ts';
import { anyHistory } from './testing/histories.ts';

const types = Object.keys(domainTypes) as DomainEventType[];
const shapes = new Map<string, (value: unknown) => boolean>(
  types.map((type) => [type, shapeOf(domainTypes[type].newest)]),
);

test('whatever may be appended has its shape', () => {
  for (const type of types) expect([type, shapes.get(type)?.(examples[type])]).toEqual([type, true]);
  fc.assert(
    fc.property(anyHistory, (history) => {
      for (const { type, data } of history) expect(shapes.get(type)?.(data)).toBe(true);
    }),
  );
});

test.each(types)('%s without one of its fields, or with one of another type, has not', (type) => {
  const data: Record<string, unknown> = { ...examples[type] };
  for (const name of Object.keys(data)) {
    const { [name]: value, ...less } = data;
    expect(shapes.get(type)?.(less)).toBe(false);
    const wrong = [
      undefined,
      [[]],
      { a: [] },
      typeof value === 'string' ? 7 : '7',
      ...(value === null ? [] : [Symbol()]),
    ];
    for (const other of wrong)
      expect([name, other, shapes.get(type)?.({ ...data, [name]: other })]).toEqual([name, other, false]);
  }
  for (const none of [null, undefined, 'text', 7, [], [data]]) expect(shapes.get(type)?.(none)).toBe(false);
});

test('records, lists, words, what may be null and what may be one of several are known; nothing else is', () => {
  const shape = shapeOf(
    z.strictObject({
      inner: z.record(z.string(), z.array(z.int())),
      word: z.enum(['a', 'b']).nullable(),
      either: z.union([z.string(), z.boolean()]),
    }),
  );
  const good = { inner: { x: [1, 2] }, word: null, either: true };
  expect(shape(good)).toBe(true);
  expect(shape({ ...good, word: 'b', either: '' })).toBe(true);
  const bad = [{ inner: { x: [1.5] } }, { inner: { x: 1 } }, { inner: [] }, { word: 'c' }, { either: null }];
  for (const change of bad) expect(shape({ ...good, ...change })).toBe(false);
  expect(() => shapeOf(z.strictObject({ all: z.intersection(z.string(), z.string()) }))).toThrow('no shape');
});
