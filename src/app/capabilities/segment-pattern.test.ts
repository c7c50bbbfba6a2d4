import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ownPatterns, patternCovers } from './segment-pattern.ts';

function wordsOf(alphabet: string, length: number): string[] {
  if (length === 0) return [''];
  return wordsOf(alphabet, length - 1).flatMap((word) => [...alphabet].map((letter) => word + letter));
}
const upTo = (alphabet: string, length: number) =>
  Array.from({ length }, (_, index) => wordsOf(alphabet, index + 1)).flat();

/** The rule of CONTRACTS §6 as a regular expression. */
function matches(pattern: string, segment: string): boolean {
  return new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^.]*')}$`).test(segment);
}

test('one token covers another exactly when it matches all that the other matches', () => {
  // `c` stands in no pattern; a word as long as the pattern is enough to tell two of them apart.
  const tokens = upTo('abc', 4);
  const matched = upTo('ab*', 4).map((pattern) => ({
    pattern,
    words: new Set(tokens.filter((token) => matches(pattern, token))),
  }));
  for (const granted of matched) {
    for (const requested of matched) {
      const isSubset = [...requested.words].every((word) => granted.words.has(word));
      if (patternCovers(granted.pattern, requested.pattern) !== isSubset) {
        expect.unreachable(`${granted.pattern} and ${requested.pattern}: ${isSubset}`);
      }
    }
  }
});

test('the same holds for several tokens', () => {
  const tokens = upTo('abc', 2);
  const segments = [
    tokens,
    tokens.flatMap((first) => tokens.map((second) => `${first}.${second}`)),
    tokens.flatMap((first) =>
      tokens.flatMap((second) => tokens.map((third) => `${first}.${second}.${third}`)),
    ),
  ].flat();
  const pattern = fc
    .array(fc.constantFrom(...upTo('ab*', 2)), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join('.'));
  fc.assert(
    fc.property(pattern, pattern, (granted, requested) => {
      const isSubset = segments.every((segment) => !matches(requested, segment) || matches(granted, segment));
      expect(patternCovers(granted, requested)).toBe(isSubset);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ['tenant_*.chat', ['tenant_acme.chat']],
  ['tenant_a*.chat', ['tenant_acme.chat']],
  ['*.chat', ['tenant_acme.chat']],
  ['*.llm', ['tenant_acme.llm', 'platform.llm']],
  ['platform.llm', ['platform.llm']],
  ['tenant_other.chat', ['tenant_other.chat']],
  ['tenant_b*.chat', ['tenant_b*.chat']],
  ['*', ['*']],
])('of the office acme %s is %j', (pattern, own) => {
  expect(ownPatterns(pattern, 'acme')).toEqual(own);
});
