import { expect, test } from 'vitest';
import { keepsSecureCookies, officeOrigin, originOf, type Place } from './addresses.ts';

const place = (domain: string, publicUrl: string | null = null): Place => ({
  domain,
  publicUrl: publicUrl === null ? null : new URL(publicUrl),
});
const LOCAL = place('localhost');
const BEHIND_TLS = place('office.example.com', 'https://office.example.com');
const APART = place('apps.example.com', 'https://www.example.com:444');

test.each<[string, Place, string, string, boolean]>([
  ['an app of this machine', LOCAL, 'diary.localhost:8090', 'http://localhost:8090', true],
  [
    'an app of an office of this machine',
    LOCAL,
    'Diary.Bakery.localhost:8090',
    'http://localhost:8090',
    true,
  ],
  ['this machine by number', LOCAL, '127.0.0.1:8090', 'http://localhost:8090', true],
  ['this machine by its IPv6 number', LOCAL, '[::1]:8090', 'http://localhost:8090', true],
  ['another address of this machine', LOCAL, '192.0.2.2:8090', 'http://192.0.2.2:8090', false],
  ['an app behind TLS', BEHIND_TLS, 'diary.office.example.com', 'https://office.example.com', true],
  [
    'an office behind TLS, from its own machine',
    BEHIND_TLS,
    'localhost:8090',
    'https://office.example.com',
    true,
  ],
  [
    'an office at a name of its own',
    APART,
    'diary.apps.example.com:444',
    'https://www.example.com:444',
    true,
  ],
  ['plain HTTP at a domain', place('office.lan'), 'diary.office.lan:8090', 'http://office.lan:8090', false],
  [
    'a public URL that apps have no part in',
    place('localhost', 'https://office.example.com'),
    'office.example.com',
    'https://office.example.com',
    true,
  ],
])('%s: where its people sign in, and whether a browser keeps that', (_what, at, host, origin, keeps) => {
  expect([officeOrigin(at, host), keepsSecureCookies(at, host)]).toEqual([origin, keeps]);
});

test('the origin of a host is what a browser sends as `Origin`', () => {
  expect(originOf(LOCAL, 'Diary.localhost:8090')).toBe('http://diary.localhost:8090');
  expect(originOf(BEHIND_TLS, 'diary.office.example.com')).toBe('https://diary.office.example.com');
});
