import { expect, test } from 'vitest';
import { starMatches, starPatternsMeet } from './star-match.ts';

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

test('two patterns meet exactly when some text matches both', () => {
  const words = (alphabet: string, length: number): string[] =>
    length === 0
      ? ['']
      : words(alphabet, length - 1).flatMap((word) => ['', ...alphabet].map((letter) => word + letter));
  const texts = [...new Set(words('ab', 6))];
  const matched = [...new Set(words('ab*', 3))].map((pattern) => {
    return { pattern, texts: texts.filter((text) => starMatches(pattern, text)) };
  });
  for (const one of matched) {
    for (const other of matched) {
      const isSome = one.texts.some((text) => other.texts.includes(text));
      if (starPatternsMeet(one.pattern, other.pattern) !== isSome) {
        expect.unreachable(`${one.pattern} and ${other.pattern}: ${isSome}`);
      }
    }
  }
});
