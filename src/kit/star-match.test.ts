import { expect, test } from 'vitest';
import { starMatches } from './star-match.ts';

test.each([
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['a*c', 'ac', true],
  ['a*c', 'abbc', true],
  ['a*c', 'abcb', false],
  ['*ab*ab', 'xabyabab', true],
  ['a.c', 'abc', false],
  ['a*', 'a.b:c', true],
])('%s and %s: %s', (pattern, text, matches) => {
  expect(starMatches(pattern, text)).toBe(matches);
});
