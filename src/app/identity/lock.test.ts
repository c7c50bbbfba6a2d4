import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatLock, parseLock, resolveIdentity } from './lock.ts';

const ID = '0191e7c2-1111-7222-8333-444455556666';
const OTHER = '019e7903-0000-7000-8000-000000000d03';

test('a lock reads back as it was written', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.nat(), (appId, latestVersion) => {
      expect(parseLock(formatLock({ appId, latestVersion }))).toEqual({ appId, latestVersion });
    }),
  );
});

test('a lock without a version belongs to an app that was never pushed', () => {
  expect(parseLock(`app_id = "${ID.toUpperCase()}"`)).toEqual({ appId: ID, latestVersion: 0 });
});

test.each([
  ['no TOML', 'app_id = ', /line 1/],
  ['no id', 'latest_version = 3', /app_id/],
  ['an id that is no UUID', 'app_id = "hello"', /app_id/],
  ['a version that is no number', `app_id = "${ID}"\nlatest_version = "3"`, /latest_version/],
  ['a negative version', `app_id = "${ID}"\nlatest_version = -1`, /latest_version/],
])('a lock with %s is refused and the text says so', (_, text, message) => {
  expect(() => parseLock(text)).toThrow(
    expect.objectContaining({ code: 'lock_invalid', message: expect.stringMatching(message) }),
  );
});

test('the identity comes from the manifest, else from the lock, else there is none', () => {
  const lock = { appId: ID, latestVersion: 1 };
  expect(resolveIdentity(ID.toUpperCase(), null)).toBe(ID);
  expect(resolveIdentity(null, lock)).toBe(ID);
  expect(resolveIdentity(ID.toUpperCase(), lock)).toBe(ID);
  expect(resolveIdentity(null, null)).toBeNull();
});

test('a manifest and a lock that differ are an error naming both ids and what to delete', () => {
  expect(() => resolveIdentity(OTHER, { appId: ID, latestVersion: 1 })).toThrow(
    expect.objectContaining({
      code: 'identity_conflict',
      message: expect.stringMatching(new RegExp(`${OTHER}.*${ID}`)),
      hint: expect.stringContaining('Delete'),
    }),
  );
});
