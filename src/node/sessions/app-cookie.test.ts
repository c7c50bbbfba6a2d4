import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sealKey } from '../seal-key.ts';
import { appCookies } from './app-cookie.ts';

const SESSION = '0191e7c2-5555-7222-8333-000000000001';
const key = Buffer.alloc(32, 7);

test('a value opens for its own app at its own host, asked for once or often, and for nothing else', () => {
  const cookies = appCookies(key);
  const value = cookies.sealed(SESSION, 'diary', 'diary.localhost:8090');
  for (let round = 0; round < 2; round += 1) {
    expect(cookies.opened(value, 'diary', 'diary.localhost:8090')).toBe(SESSION);
    // an app that has the name of one that was there before
    expect(cookies.opened(value, 'other', 'diary.localhost:8090')).toBeNull();
    expect(cookies.opened(value, 'diary', 'diary.localhost:8091')).toBeNull();
    expect(cookies.opened(value, 'diary', 'localhost:8090')).toBeNull();
  }
  expect(appCookies(Buffer.alloc(32, 8)).opened(value, 'diary', 'diary.localhost:8090')).toBeNull();
});

test('a value with any character changed opens nothing', () => {
  const cookies = appCookies(key);
  const value = cookies.sealed(SESSION, 'diary', 'diary.localhost');
  fc.assert(
    fc.property(fc.nat(value.length - 2), fc.constantFrom(...'0Az_-.=;% '), (at, character) => {
      fc.pre(value[at] !== character);
      const changed = value.slice(0, at) + character + value.slice(at + 1);
      expect(cookies.opened(changed, 'diary', 'diary.localhost')).toBeNull();
    }),
  );
});

test('the key is made once, for its owner alone; one that cannot be read is replaced', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tabbify-key-'));
  const file = join(folder, 'session.key');
  const made = await sealKey(file);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await sealKey(file)).toEqual(made);
  await writeFile(file, 'half');
  const again = await sealKey(file);
  expect([again.length, again.equals(made)]).toEqual([32, false]);
  await rm(folder, { recursive: true });
});
