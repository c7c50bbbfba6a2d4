import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RESERVED_SLUGS, slugOf } from './slug.ts';

test.each([
  ['hello', 'hello'],
  ['Hugo’s Barbershop', 'hugo-s-barbershop'],
  ['Café Ünïcode', 'cafe-unicode'],
  ['--my--app--', 'my-app'],
  ['a_b.c/d', 'a-b-c-d'],
  ['42', '42'],
])('the name "%s" makes the slug %s', (name, slug) => {
  expect(slugOf(name)).toBe(slug);
});

test.each(['', '---', '🥖', 'пекарня', 'x'.repeat(64)])('the name "%s" is refused', (name) => {
  expect(() => slugOf(name)).toThrow(expect.objectContaining({ code: 'app_name_invalid' }));
});

test.each(['www', 'API', ' Tabbify ', 'office'])('the reserved name "%s" is refused', (name) => {
  expect(() => slugOf(name)).toThrow(expect.objectContaining({ code: 'app_name_reserved' }));
});

test('every slug is a DNS label without `--`, not reserved, and its own slug', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (name) => {
      let slug: string;
      try {
        slug = slugOf(name);
      } catch {
        return;
      }
      expect(slug).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
      expect(slug).not.toContain('--');
      expect(RESERVED_SLUGS.has(slug)).toBe(false);
      expect(slugOf(slug)).toBe(slug);
    }),
  );
});
