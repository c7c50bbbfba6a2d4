import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anySegmentMatches, segmentMatches } from './segments.ts';

/** The same rule as a regular expression: slower, plainer. */
function oracle(pattern: string, segment: string): boolean {
  const source = pattern.replaceAll('.', '\\.').replaceAll('*', '[^.]*');
  return new RegExp(`^${source}$`).test(segment);
}

const letters = (alphabet: string) =>
  fc.array(fc.constantFrom(...alphabet), { maxLength: 12 }).map((characters) => characters.join(''));

test('a pattern matches what the same regular expression matches', () => {
  fc.assert(
    fc.property(letters('ab.*'), letters('ab.'), (pattern, segment) => {
      expect(segmentMatches(pattern, segment)).toBe(oracle(pattern, segment));
    }),
    { numRuns: 20_000 },
  );
});

test('a segment with some runs replaced by stars still matches', () => {
  fc.assert(
    fc.property(letters('ab.'), fc.array(fc.nat(11)), (segment, holes) => {
      const pattern = [...segment].map((c, i) => (c !== '.' && holes.includes(i) ? '*' : c)).join('');
      expect(segmentMatches(pattern, segment)).toBe(true);
    }),
  );
});

test('a star stays within its token', () => {
  expect(segmentMatches('tenant_*.apps', 'tenant_default.apps')).toBe(true);
  expect(segmentMatches('platform.*', 'platform.hosts')).toBe(true);
  expect(segmentMatches('platform.*', 'platform.hosts.local')).toBe(false);
  expect(segmentMatches('*', 'platform.hosts')).toBe(false);
  expect(segmentMatches('tenant_a.apps', 'tenant_aXapps')).toBe(false);
});

test('many stars cost no more than a few thousand steps', () => {
  const started = performance.now();
  segmentMatches(`${'*a'.repeat(100)}b`, 'a'.repeat(255));
  expect(performance.now() - started).toBeLessThan(5_000); // with a way back for every star: for ever
});

test('no patterns let everything pass, an empty list nothing', () => {
  expect(anySegmentMatches(undefined, 'a.b')).toBe(true);
  expect(anySegmentMatches([], 'a.b')).toBe(false);
});
