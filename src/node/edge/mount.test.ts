import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPlatformPath, readPathMount } from './mount.ts';

const ID = '0191e7c2-1111-7222-8333-444455556666';

test('the prefix is all that is taken from a target', () => {
  fc.assert(
    fc.property(fc.webPath(), fc.option(fc.webQueryParameters()), (path, query) => {
      const rest = `${path}${query === null ? '' : `?${query}`}`;
      const mount = readPathMount(`/app/${ID.toUpperCase()}${rest}`);
      expect(mount?.id).toBe(ID);
      expect(mount?.target).toBe(rest === '' || rest.startsWith('?') ? `/${rest}` : rest);
    }),
  );
});

test('what is longer or shorter than an id is none', () => {
  for (const rest of ['', '/', ID.slice(1), `${ID}a`, `${ID}%2f`, `${ID}#x`, `x${ID}`]) {
    expect(readPathMount(`/app/${rest}`)).toBeNull();
  }
});

/** Ways in which some framework reads the same path. */
const disguises = fc.constantFrom<(segment: string) => string>(
  (segment) => segment,
  (segment) => segment.toUpperCase(),
  (segment) => segment.replace('_', '%5f'),
  (segment) => segment.replace('_', '%255F'),
  (segment) => segment.replaceAll('b', '%62'),
);
const detours = fc.constantFrom(
  '/',
  '//',
  '/./',
  '/a/../',
  '/%2e/',
  '/a/%2e%2e/',
  '\\',
  '%2f',
  '/a/b/../../',
);

test('no disguise and no detour leads to the platform’s path', () => {
  fc.assert(
    fc.property(detours, disguises, fc.webPath(), (detour, disguise, rest) => {
      const lead = detour.startsWith('/') ? detour : `/${detour}`;
      expect(isPlatformPath(`${lead}${disguise('_tabbify')}${rest}`)).toBe(true);
    }),
  );
});

test('a path that does not contain the name in any form is the app’s own', () => {
  fc.assert(
    fc.property(fc.webPath(), (path) => {
      fc.pre(!decodeURIComponent(path).toLowerCase().includes('_tabbify'));
      expect(isPlatformPath(path || '/')).toBe(false);
    }),
  );
  expect(isPlatformPath('/search?q=/_tabbify/events')).toBe(false);
});
