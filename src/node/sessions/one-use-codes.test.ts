import { expect, test } from 'vitest';
import { oneUseCodes } from './one-use-codes.ts';

function codesAt(start: number, most = 3) {
  const clock = { at: start, now: () => clock.at };
  return { clock, codes: oneUseCodes<string>(clock, { lifeMs: 1_000, most }) };
}

test('a code works once, and looking at it does not use it up', () => {
  const { codes } = codesAt(0);
  const { code, expiresAt } = codes.issue('in');
  expect([codes.meaning(code), codes.meaning(code), codes.redeem(code), expiresAt]).toEqual([
    'in',
    'in',
    'in',
    1_000,
  ]);
  expect([codes.redeem(code), codes.meaning(code), codes.redeem('')]).toEqual([null, null, null]);
});

test('a code is void after its time', () => {
  const { codes, clock } = codesAt(0);
  const { code } = codes.issue('in');
  clock.at = 999;
  expect(codes.meaning(code)).toBe('in');
  clock.at = 1_000;
  expect(codes.redeem(code)).toBeNull();
});

test('no more are kept than may be: the oldest goes', () => {
  const { codes } = codesAt(0);
  const [first = '', second = '', third = '', fourth = ''] = ['a', 'b', 'c', 'd'].map(
    (each) => codes.issue(each).code,
  );
  expect([first, second, third, fourth].map((each) => codes.meaning(each))).toEqual([null, 'b', 'c', 'd']);
});
