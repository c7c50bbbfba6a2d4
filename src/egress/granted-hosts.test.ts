import { expect, test } from 'vitest';
import { grantedHosts } from './granted-hosts.ts';
import { isWithin } from './policy.ts';

const spoken = (entries: string[], host: string, port: number) => {
  const permit = grantedHosts(entries).permit({ host, port });
  return permit === null ? null : [...(permit.speaks ?? [])].sort().join(' ');
};

test.each([
  [['api.example.com'], 'api.example.com', 443, 'tls'],
  [['api.example.com'], 'api.example.com', 80, 'http'],
  [['api.example.com'], 'api.example.com', 8443, null],
  [['api.example.com'], 'sub.api.example.com', 443, null],
  [['https://api.example.com'], 'api.example.com', 80, null],
  [['http://api.example.com'], 'api.example.com', 443, null],
  [['https://api.example.com:8443'], 'api.example.com', 8443, 'tls'],
  [['http://api.example.com:443'], 'api.example.com', 443, 'http'],
  [['api.example.com:443'], 'api.example.com', 443, 'tls'],
  [['api.example.com:5432'], 'api.example.com', 5432, 'any'],
  [['https://x.example:81', 'http://x.example:81'], 'x.example', 81, 'http tls'],
  [['*.example.com'], 'a.b.example.com', 443, 'tls'],
  [['*.example.com'], 'example.com', 443, null],
  [['192.0.2.7:8080'], '192.0.2.7', 8080, 'any'],
  [['[2001:db8::1]:443'], '2001:db8::1', 443, 'tls'],
  [['app:shop', '*', 'no entry'], 'shop', 80, null],
  [[], 'api.example.com', 443, null],
])('%j: to %s on %i may be spoken: %s', (entries, host, port, expected) => {
  expect(spoken(entries, host, port)).toBe(expected);
});

test('a private address is allowed by its own entry only, at its port', () => {
  const to = { host: 'api.example.com', port: 443 };
  expect(grantedHosts(['api.example.com']).allowsAddress(to, '1.1.1.1')).toBe(true);
  expect(grantedHosts(['api.example.com']).allowsAddress(to, '10.0.0.1')).toBe(false);
  expect(grantedHosts(['api.example.com', '10.0.0.1:443']).allowsAddress(to, '10.0.0.1')).toBe(true);
  expect(grantedHosts(['api.example.com', '10.0.0.1:444']).allowsAddress(to, '10.0.0.1')).toBe(false);
  expect(grantedHosts(['10.0.0.1:443']).allowsAddress(to, '1.1.1.1')).toBe(false);
});

test('what is set counts at once, instead of what was; who asked to is told', () => {
  const policy = grantedHosts(['a.example']);
  const told: boolean[] = [];
  policy.onChange(() => told.push(policy.permit({ host: 'a.example', port: 443 }) === null));
  policy.set(['b.example']);
  expect(told).toEqual([true]);
  expect(policy.permit({ host: 'b.example', port: 443 })).not.toBeNull();
});

test('a permit is within another when nothing is lost', () => {
  const permit = (...speaks: ('tls' | 'http' | 'any')[]) => ({ speaks: new Set(speaks) });
  expect(isWithin(permit('tls'), permit('tls', 'http'))).toBe(true);
  expect(isWithin(permit('tls', 'http'), permit('tls'))).toBe(false);
  expect(isWithin(permit('tls', 'http'), permit('any'))).toBe(true);
  expect(isWithin(permit('any'), permit('tls', 'http'))).toBe(false);
  expect(isWithin(permit('any'), null)).toBe(false);
  expect(isWithin(permit('any'), { speaks: null })).toBe(true);
  expect(isWithin({ speaks: null }, permit('any'))).toBe(false);
});
