import { expect, test } from 'vitest';
import { isUuid, newId } from './id.ts';

test('ids of one process sort in the order they were made, and none comes twice', () => {
  const ids = Array.from({ length: 20_000 }, newId);
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every((id) => isUuid(id) && id[14] === '7')).toBe(true);
  expect(new Set(ids.map((id) => id.slice(-8))).size).toBeGreaterThan(19_900); // fresh random bytes each
});

test('an id says when it was made', () => {
  const before = Date.now();
  const made = Number.parseInt(newId().replace('-', '').slice(0, 12), 16);
  // those of the test before may have counted into the next millisecond
  expect(made).toBeGreaterThanOrEqual(before);
  expect(made).toBeLessThanOrEqual(Date.now() + 1);
});
