import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostEntryProblem } from '../manifest/host-entry.ts';
import { hostEntryAllows, hostEntryCovers, parseHostEntry } from './host-pattern.ts';

function parsed(entry: string) {
  const pattern = parseHostEntry(entry);
  if (pattern === null) throw new Error(`${entry} is no entry`);
  return pattern;
}

const place = { scheme: null, wildcard: false, port: null, literal: false };

test.each([
  ['api.x.com', { ...place, host: 'api.x.com' }],
  ['https://api.x.com', { ...place, host: 'api.x.com', scheme: 'https' }],
  ['http://*.x.com:8080', { ...place, host: 'x.com', scheme: 'http', wildcard: true, port: 8080 }],
  ['192.0.2.7:8080', { ...place, host: '192.0.2.7', port: 8080, literal: true }],
  ['[2001:db8::1]:443', { ...place, host: '2001:db8::1', port: 443, literal: true }],
  ['https://[2001:db8::1]:443', { ...place, host: '2001:db8::1', port: 443, literal: true, scheme: 'https' }],
  ['app:my-shop', { app: 'my-shop' }],
])('%s is taken apart', (entry, pattern) => {
  expect(parseHostEntry(entry)).toEqual(pattern);
});

test('what is no entry is nothing, and what is one is something', () => {
  expect(parseHostEntry('*')).toBeNull();
  const character = fc.constantFrom(...'ab.*:/@[]1 ');
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: character })), (text) => {
      expect(parseHostEntry(text) === null).toBe(hostEntryProblem(text) !== null);
    }),
    { numRuns: 5000 },
  );
});

describe('what an entry allows', () => {
  test.each([
    ['api.x.com', 'https', 'api.x.com', 443, true],
    ['api.x.com', 'http', 'api.x.com', 80, true],
    ['api.x.com', 'http', 'api.x.com', 443, false],
    ['api.x.com', 'https', 'api.x.com', 80, false],
    ['api.x.com', 'https', 'api.x.com', 8443, false],
    ['api.x.com', 'https', 'b.api.x.com', 443, false],
    ['api.x.com', 'https', 'evilapi.x.com', 443, false],
    ['api.x.com:8443', 'http', 'api.x.com', 8443, true],
    ['api.x.com:8443', 'https', 'api.x.com', 8443, true],
    ['api.x.com:8443', 'https', 'api.x.com', 443, false],
    ['https://api.x.com', 'http', 'api.x.com', 80, false],
    ['http://api.x.com', 'https', 'api.x.com', 443, false],
    ['*.x.com', 'https', 'a.x.com', 443, true],
    ['*.x.com', 'https', 'a.b.x.com', 443, true],
    ['*.x.com', 'https', 'x.com', 443, false],
    ['*.x.com', 'https', '.x.com', 443, false],
    ['*.x.com', 'https', 'evilx.com', 443, false],
    ['192.0.2.7:8080', 'http', '192.0.2.7', 8080, true],
    ['192.0.2.7:8080', 'http', '192.0.2.70', 8080, false],
    ['[2001:db8::1]:443', 'https', '2001:db8::1', 443, true],
    ['app:my-shop', 'http', 'my-shop', 80, false],
  ] as const)('%s: %s to %s on %i: %s', (entry, scheme, host, port, allowed) => {
    expect(hostEntryAllows(parsed(entry), { scheme, host, port })).toBe(allowed);
  });

  test('of a tunnel, whose scheme is not known, the port decides', () => {
    expect(hostEntryAllows(parsed('api.x.com'), { host: 'api.x.com', port: 443 })).toBe(true);
    expect(hostEntryAllows(parsed('https://api.x.com'), { host: 'api.x.com', port: 80 })).toBe(false);
  });
});

describe('an entry covers another one', () => {
  // Every entry over a few names, and every concrete call over the same: small enough to try them all.
  const names = ['x.com', 'a.x.com', 'b.a.x.com', 'evilx.com', '192.0.2.7', '2001:db8::1'];
  const hosts = ['x.com', 'a.x.com', '*.x.com', '*.a.x.com', '192.0.2.7', '[2001:db8::1]'];
  const entries = ['', 'http://', 'https://'].flatMap((scheme) =>
    hosts.flatMap((host) => ['', ':80', ':443', ':8080'].map((port) => `${scheme}${host}${port}`)),
  );
  const patterns = entries.flatMap((entry) => parseHostEntry(entry) ?? []);
  // One more name below each wildcard, so that a wildcard and the names of the universe are never the same.
  const calls = [...names, 'z.x.com', 'z.a.x.com', 'z.b.a.x.com'].flatMap((host) =>
    (['http', 'https'] as const).flatMap((scheme) => [80, 443, 8080].map((port) => ({ scheme, host, port }))),
  );

  test('exactly when every call that the other allows is allowed by it', () => {
    expect(patterns.length).toBeGreaterThan(60);
    for (const granted of patterns) {
      for (const requested of patterns) {
        const wanted = calls.filter((call) => hostEntryAllows(requested, call));
        expect(wanted.length).toBeGreaterThan(0);
        const isSubset = wanted.every((call) => hostEntryAllows(granted, call));
        expect([granted, requested, hostEntryCovers(granted, requested)]).toEqual([
          granted,
          requested,
          isSubset,
        ]);
      }
    }
  });

  test('an app is covered by itself alone', () => {
    expect(hostEntryCovers(parsed('app:shop'), parsed('app:shop'))).toBe(true);
    expect(hostEntryCovers(parsed('app:shop'), parsed('app:shop-2'))).toBe(false);
    expect(hostEntryCovers(parsed('*.x.com'), parsed('app:shop'))).toBe(false);
    expect(hostEntryCovers(parsed('app:shop'), parsed('*.x.com'))).toBe(false);
  });
});
