import { expect, test } from 'vitest';
import { countDenials } from './denied-hosts.ts';

test('counts each entry, and no more than 50 of them', () => {
  const { count, list } = countDenials();
  for (const entry of ['a.example', 'b.example:8080', 'a.example', 'x'.repeat(10_000)]) count(entry);
  expect(list()).toEqual([
    { entry: 'a.example', times: 2 },
    { entry: 'b.example:8080', times: 1 },
  ]);
  for (let turn = 0; turn < 1_000; turn++) count(`host-${turn}.example`);
  count('a.example');
  expect(list()).toHaveLength(50);
  expect(list()[0]).toEqual({ entry: 'a.example', times: 3 });
});
