import { expect, test } from 'vitest';
import { cookieOf, cookieText } from './cookies.ts';

test.each([
  ['__Host-tabbify=a', 'a'],
  ['x=1; __Host-tabbify=a.b=c ; __Host-tabbify-app=z', 'a.b=c'],
  ['__Host-tabbify=a; __Host-tabbify=a', 'a'],
  ['__Host-tabbify=a; __Host-tabbify=b', null],
  ['__host-tabbify=a', null],
  ['x__Host-tabbify=a; __Host-tabbify', null],
  ['__Host-tabbify=', null],
  ['', null],
  [undefined, null],
])('of %j the office’s cookie is %j', (header, value) => {
  expect(cookieOf('__Host-tabbify', header)).toBe(value);
});

test('a cookie is for secure connections, out of reach for scripts, and lives for whole seconds', () => {
  expect(cookieText('a', 'b', 1.9)).toBe('a=b; Path=/; Max-Age=1; Secure; HttpOnly; SameSite=Lax');
  expect(cookieText('a', '', -1)).toContain('Max-Age=0');
});
