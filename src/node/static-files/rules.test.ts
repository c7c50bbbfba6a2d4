import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cacheControlOf, hasHashInName } from './cache-control.ts';
import { codingsFor } from './codings.ts';
import { preconditions, readConditions } from './conditions.ts';
import { createMemory } from './memory.ts';
import { rangeOf } from './range.ts';

describe('how long a file may be kept', () => {
  test.each([
    ...['app.9f3c1a7e.js', 'assets/index-BxK3f9aZ.css', 'chunk-5XH4WLTP.js', 'main.0a1b2c3d4e5f60718293.js'],
    ...['app.9f3c1a7e.js.map', 'logo-3e2f1a0b.svg'],
  ])('%s has a hash in its name', (path) => {
    expect(hasHashInName(path)).toBe(true);
  });

  test.each([
    ...['index.js', 'jquery-3.7.1.min.js', 'jquery-migrated.js', 'report-20261121.pdf', 'case-iPhone15.jpg'],
    ...['App-Version2.pdf', 'photo-IMG12345.jpg', 'facebook.png', 'a.deadbeef', 'style.responsive.css'],
    ...['9f3c1a7e/app.js', 'invoice-12345678a.pdf', '9f3c1a7e.js'],
  ])('%s has none, as far as anybody can be sure', (path) => {
    expect(hasHashInName(path)).toBe(false);
  });

  test('a page is never kept for ever, and what is private not by caches that are shared', () => {
    expect(cacheControlOf('app.9f3c1a7e.js', false)).toBe('public, max-age=31536000, immutable');
    expect(cacheControlOf('app.9f3c1a7e.js', true)).toBe('private, max-age=31536000, immutable');
    expect(cacheControlOf('page.9f3c1a7e.html', false)).toBe('no-cache');
    expect(cacheControlOf('style.css', true)).toBe('private, no-cache');
  });
});

test.each([
  ['bytes=0-9', { start: 0, end: 9 }],
  ['bytes=90-', { start: 90, end: 99 }],
  ['bytes=-10', { start: 90, end: 99 }],
  ['bytes=-1000', { start: 0, end: 99 }],
  ['BYTES=5-1000', { start: 5, end: 99 }],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=999999999999999999999-', 'unsatisfiable'],
  ['bytes=9-3', null],
  ['bytes=-', null],
  ['bytes=0-1,5-6', null],
  ['items=0-1', null],
  ['bytes=a-b', null],
] as const)('%s of 100 bytes', (header, part) => {
  expect(rangeOf(header, 100)).toEqual(part);
});

test('a range lies in the file, whatever is asked for', () => {
  const number = fc.oneof(fc.nat(300).map(String), fc.constant(''));
  fc.assert(
    fc.property(number, number, fc.nat(200), (first, last, size) => {
      const part = rangeOf(`bytes=${first}-${last}`, size);
      if (part === null || part === 'unsatisfiable') return;
      expect(part.start).toBeGreaterThanOrEqual(0);
      expect(part.start).toBeLessThanOrEqual(part.end);
      expect(part.end).toBeLessThan(size);
    }),
  );
});

test.each([
  [null, []],
  ['gzip, deflate, br, zstd', ['br', 'gzip']],
  ['gzip', ['gzip']],
  ['gzip;q=1.0, br;q=0.5', ['gzip', 'br']],
  ['*', ['br', 'gzip']],
  ['br;q=0, *;q=0.5', ['gzip']],
  ['identity', []],
  ['identity;q=0.9, gzip;q=0.5', []],
  ['br;q=nonsense', []],
  ['', []],
])('Accept-Encoding: %s', (header, codings) => {
  expect(codingsFor(header)).toEqual(codings);
});

test('what a visitor has already is not sent again; a date counts only if it is the very one', () => {
  const date = 'Sat, 21 Nov 2026 22:00:00 GMT';
  const standing = (...headers: string[]) => preconditions(readConditions(headers), '"a"', date);
  expect(standing()).toBe('go');
  expect(standing('If-None-Match', '"a"')).toBe('same');
  expect(standing('if-none-match', '"x", W/"a"')).toBe('same');
  expect(standing('if-none-match', '"x"', 'IF-NONE-MATCH', '"a"')).toBe('same');
  expect(standing('if-none-match', '*')).toBe('same');
  expect(standing('if-none-match', '"b"', 'if-modified-since', date)).toBe('go');
  expect(standing('if-modified-since', date)).toBe('same');
  expect(standing('if-modified-since', 'Sun, 22 Nov 2026 22:00:00 GMT')).toBe('go');
  expect(standing('if-match', '"b"')).toBe('failed');
  expect(standing('if-match', 'W/"a"')).toBe('failed');
  expect(standing('if-match', '"b", "a"')).toBe('go');
});

test('memory holds no more than it may, and what was asked for last', () => {
  const memory = createMemory(10);
  memory.set('a', Buffer.alloc(4));
  memory.set('b', Buffer.alloc(4));
  memory.get('a');
  memory.set('c', Buffer.alloc(4));
  expect(['a', 'b', 'c'].map((key) => memory.get(key)?.length)).toEqual([4, undefined, 4]);
  memory.set('a', Buffer.alloc(2));
  expect(memory.held).toBe(6);
  memory.set('huge', Buffer.alloc(11));
  expect([memory.get('huge'), memory.held]).toEqual([undefined, 0]);
});
