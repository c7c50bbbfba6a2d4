import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  allowListEntry,
  authorityOf,
  canonicalDestination,
  canonicalHost,
  parseAuthority,
  urlEntry,
} from './destination.ts';
import { grantedHosts } from './granted-hosts.ts';

test.each([
  ['API.Example.COM', 'api.example.com'],
  ['api.example.com.', 'api.example.com'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['_dmarc.example.com', '_dmarc.example.com'],
  ['127.0.0.1', '127.0.0.1'],
  ['127.0.0.1.', '127.0.0.1'],
  ['127.1', '127.0.0.1'],
  ['2130706433', '127.0.0.1'],
  ['0x7f.1', '127.0.0.1'],
  ['0177.0.0.1', '127.0.0.1'],
  ['0:0:0:0:0:0:0:1', '::1'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
  ['::ffff:127.0.0.1', '::ffff:7f00:1'],
])('%s has one spelling: %s', (host, canonical) => {
  expect(canonicalHost(host)).toBe(canonical);
});

test.each([
  '',
  '.',
  'a..b',
  '.a',
  'a b',
  'a/b',
  'a@b',
  'user:pw@host',
  'a#b',
  'a?b',
  'a%2eb',
  'a\\b',
  'a\nb',
  'a\0b',
  '[::1]',
  'fe80::1%lo',
  '1.2.3.4.5',
  '1.2.3.400',
  'a:80',
  `${'a'.repeat(64)}.com`,
  'a.'.repeat(200),
  'a'.repeat(1_000_000),
])('no place has such a name: %j', (host) => {
  expect(canonicalHost(host)).toBeNull();
});

test('what a spelling stands for has that very spelling', () => {
  fc.assert(
    fc.property(fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6(), fc.string()), (host) => {
      const canonical = canonicalHost(host);
      if (canonical !== null) expect(canonicalHost(canonical)).toBe(canonical);
    }),
  );
});

test('an authority is read as it was written, whatever the host', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()),
      fc.integer({ min: 1, max: 65_535 }),
      (host, port) => {
        const to = canonicalDestination({ host, port });
        if (to !== null) expect(parseAuthority(authorityOf(to))).toEqual(to);
      },
    ),
  );
});

test.each([
  'host',
  'host:',
  ':80',
  'host:80:80',
  'host:-1',
  'host:1e3',
  'host:123456',
  '::1:80',
  '[::1]',
  '[::1]80',
  'a]:80',
])('%j is no authority', (text) => {
  expect(parseAuthority(text)).toBeNull();
});

test('a port is one of TCP', () => {
  for (const port of [0, -1, 65_536, 1.5, Number.NaN])
    expect(canonicalDestination({ host: 'a.b', port })).toBeNull();
});

test('the entry is the shortest that a manifest takes', () => {
  expect(allowListEntry({ host: 'a.example', port: 443 })).toBe('a.example');
  expect(allowListEntry({ host: 'a.example', port: 80 })).toBe('http://a.example');
  expect(allowListEntry({ host: 'a.example', port: 8080 })).toBe('a.example:8080');
  expect(allowListEntry({ host: '2001:db8::1', port: 8080 })).toBe('[2001:db8::1]:8080');
  expect(allowListEntry({ host: '192.0.2.7', port: 443 })).toBe('192.0.2.7:443');
});

test('every entry that is named allows the place it is named for', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()),
      fc.oneof(fc.constantFrom(80, 443), fc.integer({ min: 1, max: 65_535 })),
      (host, port) => {
        const to = canonicalDestination({ host, port });
        if (to === null) return;
        for (const entry of [allowListEntry(to), urlEntry('http', to), urlEntry('https', to)])
          expect([entry, grantedHosts([entry]).permit(to)]).not.toEqual([entry, null]);
      },
    ),
  );
});
