import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isPrivatePath } from './private-path.ts';

it.each([
  '/_tabbify',
  '/_tabbify/',
  '/_tabbify/events',
  '/_tabbify/events?x=1',
  '//_tabbify/events',
  '/./_tabbify/events',
  '/a/../_tabbify/events',
  '/a/%2e%2e/_tabbify/events',
  '/a/..%2f_tabbify/events',
  '/%5ftabbify/events',
  '/%255ftabbify/events',
  '/_tabbif%79/events',
  '\\_tabbify\\events',
  '/_Tabbify/events',
  'http://app/_tabbify/events',
])('%s is the platform’s own', (target) => {
  expect(isPrivatePath(target)).toBe(true);
});

it.each(['/', '/tabbify', '/_tabbify2', '/a/_tabbify', '/?q=/_tabbify/', '/100%', '/%zz/_tabbify', '*'])(
  '%s is the app’s',
  (target) => {
    expect(isPrivatePath(target)).toBe(false);
  },
);

it('is seen through any mix of encodings', () => {
  const encoded = fc
    .array(fc.boolean(), { minLength: 9, maxLength: 9 })
    .map((flags) =>
      [...'/_tabbify'].map((char, i) => (flags[i] ? `%${char.charCodeAt(0).toString(16)}` : char)).join(''),
    );
  fc.assert(fc.property(encoded, (path) => isPrivatePath(`/${path}/events`)));
});
