import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { newWorkspace } from './new-workspace.ts';
import { openWorkspace, WORKSPACE_LIMITS } from './workspace.ts';
import { workspacePath } from './workspace-path.ts';

const refused = { code: 'workspace_refused' };

test('a path is either refused or leads to a place inside the root', () => {
  const part = fc.oneof(
    fc.constantFrom('..', '.', '', 'a', '...', '~', 'node_modules', 'C:', '\0', '%2e%2e'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(part), fc.constantFrom('/', '\\', '//'), (parts, separator) => {
      const path = parts.join(separator);
      try {
        workspacePath(path);
      } catch (error) {
        expect(error).toMatchObject(refused);
        return;
      }
      expect(resolve('/root/app', path).startsWith(`/root/app${sep}`)).toBe(true);
    }),
  );
});

test('links out of the workspace are neither written through, nor read, nor listed', async () => {
  await using folder = await temporaryFolder();
  const outside = join(folder.path, 'outside');
  const root = join(folder.path, 'app');
  await mkdir(outside);
  await mkdir(root);
  await writeFile(join(outside, 'canary.txt'), 'canary');
  await symlink(outside, join(root, 'linked'));
  await symlink(join(outside, 'canary.txt'), join(root, 'note.txt'));
  const workspace = await openWorkspace(root);
  await expect(workspace.write('linked/new.txt', 'x')).rejects.toMatchObject(refused);
  await expect(workspace.read('linked/canary.txt')).rejects.toMatchObject(refused);
  await expect(workspace.read('note.txt')).rejects.toMatchObject(refused);
  expect(await workspace.list()).toEqual([]);
  await workspace.write('note.txt', 'mine'); // the link itself is replaced
  expect(await readFile(join(outside, 'canary.txt'), 'utf8')).toBe('canary');
  expect(await readdir(outside)).toEqual(['canary.txt']);
});

test('what the platform keeps, folders and files in the way of folders are refused', async () => {
  await using folder = await temporaryFolder();
  const workspace = await openWorkspace(folder.path);
  for (const path of [
    'tabbify.lock',
    '.git/config',
    'node_modules/x/index.js',
    '/etc/passwd',
    '../x',
    'a//b',
    '',
  ]) {
    await expect(workspace.write(path, 'x')).rejects.toMatchObject(refused);
  }
  await workspace.write('src/index.ts', 'x');
  await expect(workspace.write('src', 'x')).rejects.toMatchObject(refused);
  await expect(workspace.write('src/index.ts/more.ts', 'x')).rejects.toMatchObject(refused);
  await expect(workspace.read('src/missing.ts')).rejects.toMatchObject(refused);
  expect(await workspace.list()).toEqual([{ path: 'src/index.ts', bytes: 1 }]);
});

test('size and number of files are bounded', async () => {
  await using folder = await temporaryFolder();
  const workspace = await openWorkspace(folder.path);
  await expect(workspace.write('big.txt', 'x'.repeat(WORKSPACE_LIMITS.fileBytes + 1))).rejects.toMatchObject(
    refused,
  );
  for (let n = 0; n < WORKSPACE_LIMITS.files; n++) await writeFile(join(folder.path, `${n}.txt`), 'x');
  await expect(workspace.write('one-more.txt', 'x')).rejects.toMatchObject(refused);
  await workspace.write('0.txt', 'replaced');
  expect(workspace.revision()).toBe(1);
});

test('two workspaces for one name are two folders', async () => {
  await using folder = await temporaryFolder();
  const made = await Promise.all([newWorkspace(folder.path, 'bakery'), newWorkspace(folder.path, 'bakery')]);
  expect(made.map(({ root }) => root.slice(-8)).sort()).toEqual(['bakery-1', 'bakery-2']);
});
