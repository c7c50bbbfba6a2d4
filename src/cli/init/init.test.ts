import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runChild } from '../../kit/index.ts';
import { runCli } from '../testing/run-cli.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { appTypes } from './app-types.ts';
import { templates } from './templates.ts';

const ROOT = join(import.meta.dirname, '../../..');

async function init(cwd: string, dir: string, ...more: string[]) {
  const made = await runCli('tcli', ['init', dir, ...more], { cwd });
  expect(made).toMatchObject({ code: 0, stderr: '' });
  return made;
}

test('every template becomes an app that validates, type-checks and passes its own tests', async () => {
  await using folder = await temporaryFolder();
  // As `npm install` would leave it; found from the folders below.
  await symlink(join(ROOT, 'node_modules'), join(folder.path, 'node_modules'));
  const all = (await templates()).map(({ name }) => name);
  expect(all).toEqual(expect.arrayContaining(['plain', 'hello', 'guestbook', 'notes-api', 'echo-stream']));
  expect(all[0]).toBe('plain');
  for (const template of all) {
    const name = `my-${template}`;
    await init(folder.path, name, '--template', template);
    const valid = await runCli('tcli', ['validate', name, '--strict'], { cwd: folder.path });
    expect(valid, valid.stdout).toMatchObject({ code: 0, stdout: expect.stringContaining(`ok  ${name}`) });
    for (const file of await readdir(join(folder.path, name), { recursive: true, withFileTypes: true })) {
      if (!file.isFile() || !/\.(toml|json|md|ts)$/.test(file.name)) continue;
      const text = await readFile(join(file.parentPath, file.name), 'utf8');
      expect(text, file.name).not.toMatch(new RegExp(`examples/|"${template}"|# ${template}$`, 'm'));
    }
  }
  const sample = JSON.parse(await readFile(join(folder.path, 'my-plain/tsconfig.json'), 'utf8'));
  sample.include = ['*/src', 'my-plain/*.d.ts'];
  await writeFile(join(folder.path, 'tsconfig.json'), JSON.stringify(sample));
  const at = { env: { PATH: process.env.PATH ?? '' }, cwd: folder.path, timeoutMs: 60_000 };
  const [types, tests] = await Promise.all([
    runChild(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.'], at),
    runChild(process.execPath, ['--test', '*/src/*.test.ts'], at),
  ]);
  expect(types.stdout).toBe('');
  expect(tests.code, tests.stdout).toBe(0);
  expect(tests.stdout).toMatch(/^. pass [1-9]\d+$/m);
}, 90_000);

test('the name is everywhere where the example’s was, and the rest is as it was', async () => {
  await using folder = await temporaryFolder();
  await init(folder.path, 'book-of-guests', '--template', 'guestbook');
  const read = (path: string) => readFile(join(folder.path, 'book-of-guests', path), 'utf8');
  const manifest = await read('tabbify.toml');
  expect(manifest).toMatch(/^#:schema http:\/\/127\.0\.0\.1:8090\/tabbify\.schema\.json\n\n\[app\]\n/);
  expect(manifest).toContain('name = "book-of-guests"');
  expect(manifest).toContain('http://book-of-guests.localhost:8090/');
  expect(manifest).toContain('TITLE = "Guestbook"');
  expect(JSON.parse(await read('package.json'))).toMatchObject({ name: 'book-of-guests' });
  const lock = JSON.parse(await read('package-lock.json'));
  expect([lock.name, lock.packages[''].name]).toEqual(['book-of-guests', 'book-of-guests']);
  expect(await read('README.md')).toMatch(/^# book-of-guests\n/);
  const unchanged = await readFile(join(ROOT, 'examples/guestbook/src/book.ts'), 'utf8');
  expect(await read('src/book.ts')).toBe(unchanged);
  expect(await read('.gitignore')).toMatch(/^node_modules\/\n\.tabbify\/$/m);
});

test('an unknown template is wrong usage and names those that are there; nothing is written', async () => {
  await using folder = await temporaryFolder();
  for (const template of ['tiny', '../hello', '']) {
    const wrong = await runCli('tcli', ['init', 'x', '--template', template], { cwd: folder.path });
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('guestbook') });
  }
  expect(await readdir(folder.path)).not.toContain('x');
});

test('an app that is there gets its editor’s types anew, and a folder without one gets nothing', async () => {
  await using folder = await temporaryFolder();
  await init(folder.path, 'my-app');
  const file = join(folder.path, 'my-app/tabbify-env.d.ts');
  await writeFile(file, '// of an earlier version');
  expect((await runCli('tcli', ['types', 'my-app'], { cwd: folder.path })).code).toBe(0);
  expect(await readFile(file, 'utf8')).toBe(await appTypes());
  await mkdir(join(folder.path, 'none'));
  expect((await runCli('tcli', ['types', 'none'], { cwd: folder.path })).code).toBe(1);
  expect(await readdir(join(folder.path, 'none'))).toEqual([]);
});
