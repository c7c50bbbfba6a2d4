import { chmod, lstat, mkdir, readdir, readFile, readlink, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runChild } from '../../kit/index.ts';
import { temporaryFolder } from '../app-folder.fixture.ts';
import { copyFilesOf, copySource } from './copy-source.ts';

it('copies files so that another user reads them, and links as they are', async () => {
  await using folder = await temporaryFolder();
  await folder.write({
    secret: 'CANARY',
    'app/src/a.ts': 'a',
    'app/node_modules/b/index.js': 'b',
    'app/.npmrc': 'c',
  });
  const [app, copy] = [join(folder.path, 'app'), join(folder.path, 'copy')];
  await chmod(join(app, 'src'), 0o700);
  await chmod(join(app, 'src/a.ts'), 0o600);
  await symlink('../secret', join(app, 'file'));
  await symlink('..', join(app, 'folder'));
  await symlink('nowhere', join(app, 'dangling'));
  await runChild('mkfifo', [join(app, 'pipe')], { env: { PATH: '/usr/bin:/bin' }, timeoutMs: 5_000 });
  await copySource(app, copy, new Set(['.npmrc']));
  expect((await readdir(copy)).toSorted()).toEqual(['dangling', 'file', 'folder', 'node_modules', 'src']);
  expect(await readFile(join(copy, 'src/a.ts'), 'utf8')).toBe('a');
  const modeOf = async (path: string) => (await lstat(join(copy, path))).mode & 0o777;
  expect([await modeOf('src'), await modeOf('src/a.ts'), await modeOf('.')]).toEqual([0o755, 0o644, 0o755]);
  expect([await readlink(join(copy, 'file')), await readlink(join(copy, 'folder'))]).toEqual([
    '../secret',
    '..',
  ]);
});

it('copies single files, and none that lies outside', async () => {
  await using folder = await temporaryFolder();
  await folder.write({ 'secret.wasm': 'CANARY', 'app/dist/deep/app.wasm': 'a', 'app/other': 'b' });
  const [app, copy] = [join(folder.path, 'app'), join(folder.path, 'copy')];
  await symlink('../secret.wasm', join(app, 'linked.wasm'));
  await mkdir(join(app, 'a-folder'));
  await copyFilesOf(app, copy, [
    './dist/deep/app.wasm',
    'linked.wasm',
    '../secret.wasm',
    'missing',
    'a-folder',
  ]);
  expect(await readdir(copy, { recursive: true })).toEqual(['dist', 'dist/deep', 'dist/deep/app.wasm']);
});

it('refuses more than a build takes, before it has copied it', async () => {
  await using folder = await temporaryFolder();
  await folder.write({ 'app/large': '' });
  await truncate(join(folder.path, 'app/large'), 2 ** 40);
  const refused = { code: 'build_failed', hint: expect.stringContaining('.tabbifyignore') };
  const app = join(folder.path, 'app');
  await expect(copySource(app, join(folder.path, 'copy'), new Set())).rejects.toMatchObject(refused);
  await expect(copyFilesOf(app, join(folder.path, 'one'), ['large'])).rejects.toMatchObject(refused);
});
