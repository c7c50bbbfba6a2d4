import { expect, test } from 'vitest';
import { createTethers } from './tethers.ts';

const listed = (names: string[], name: string) => ({ end: () => names.push(name) });

test('what is tied to a credential ends with it, once, and what was untied does not', () => {
  const ended: string[] = [];
  const tethers = createTethers();
  const [mine, others] = [new AbortController(), new AbortController()];
  const done = listed(ended, 'done');
  tethers.tie(mine.signal, listed(ended, 'stream'));
  const tether = tethers.tie(mine.signal, done);
  tethers.tie(mine.signal, listed(ended, 'socket'));
  tethers.tie(others.signal, listed(ended, 'other'));
  tether.untie();
  tether.untie();
  mine.abort();
  mine.abort();
  expect(ended).toEqual(['stream', 'socket']);
});

test('what comes too late ends at once', () => {
  const ended: string[] = [];
  createTethers().tie(AbortSignal.abort(), listed(ended, 'late'));
  expect(ended).toEqual(['late']);
});

test('one end does not keep the next from ending', () => {
  const ended: string[] = [];
  const tethers = createTethers();
  const mine = new AbortController();
  const second = listed(ended, 'second');
  tethers.tie(mine.signal, { end: () => tether.untie() });
  const tether = tethers.tie(mine.signal, second);
  mine.abort();
  expect(ended).toEqual(['second']);
});

test('those that are left end, in whatever order the others have gone', () => {
  const ended: string[] = [];
  const tethers = createTethers();
  const mine = new AbortController();
  const all = Array.from({ length: 20 }, (_, index) =>
    tethers.tie(mine.signal, listed(ended, String(index))),
  );
  const gone = all.map((_, index) => (index * 7) % 20).filter((index) => index % 3 !== 0);
  for (const index of gone) all[index]?.untie();
  mine.abort();
  for (const each of all) each.untie();
  expect(ended.map(Number).sort((a, b) => a - b)).toEqual([0, 3, 6, 9, 12, 15, 18]);
});
