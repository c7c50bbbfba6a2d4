import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepareHome } from './home.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabbify-home-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test('a home is made for its owner alone', async () => {
  const home = join(folder, 'deep', 'home');
  expect(await prepareHome(home)).toMatchObject({ ownerKey: join(home, 'node.key') });
  expect(await modeOf(home)).toBe(0o700);
});

test('one that others could read is closed at the next start', async () => {
  await chmod(folder, 0o777);
  await prepareHome(folder);
  expect(await modeOf(folder)).toBe(0o700);
});

test('one that cannot be made is named', async () => {
  await expect(prepareHome('/dev/null/home')).rejects.toMatchObject({
    code: 'home_unusable',
    what: expect.stringContaining('/dev/null/home'),
  });
});
