import { expect, test } from 'vitest';
import { createTethers } from './tethers.ts';

const listed = (names: string[], name: string) => ({ end: () => names.push(name) });

test('what is tied to a credential ends with it, once, and what was untied does not', () => {
  const ended: string[] = [];
  const tethers = createTethers();
  const [mine, others] = [new AbortController(), new AbortController()];
  const done = listed(ended, 'done');
  tethers.tie(mine.signal, listed(ended, 'stream'));
  tethers.tie(mine.signal, done);
  tethers.tie(mine.signal, listed(ended, 'socket'));
  tethers.tie(others.signal, listed(ended, 'other'));
  tethers.untie(mine.signal, done);
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
  tethers.tie(mine.signal, { end: () => tethers.untie(mine.signal, second) });
  tethers.tie(mine.signal, second);
  mine.abort();
  expect(ended).toEqual(['second']);
});
