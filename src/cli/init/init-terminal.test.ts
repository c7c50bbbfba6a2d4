import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { KEYS, openTerminal } from '../testing/terminal.ts';

const QUESTION = 'What do you begin with?';

async function folderWith(files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder.path, path, '..'), { recursive: true });
    await writeFile(join(folder.path, path), text);
  }
  return folder;
}

test('on a terminal a person picks the template with the arrows, also in a narrow one', async () => {
  await using folder = await temporaryFolder();
  await using terminal = openTerminal('tcli', ['init', 'my-book'], { cwd: folder.path, columns: 40 });
  await terminal.shows(QUESTION);
  await terminal.shows('One module that');
  terminal.type(KEYS.down + KEYS.down);
  await terminal.shows(/A page on\s+│\s+which visitors/);
  terminal.type(KEYS.enter);
  expect(await terminal.ended()).toBe(0);
  const shown = terminal.text();
  expect(shown).toContain('Made the app my-book:');
  expect(shown.slice(shown.indexOf('Made the app'))).not.toMatch(/.{41}/);
  expect(await readFile(join(folder.path, 'my-book/src/guestbook.ts'), 'utf8')).toContain('app.get');
});

test.each([
  ['Ctrl-C', KEYS.interrupt],
  ['Ctrl-D', KEYS.endOfInput],
  ['Escape', KEYS.escape],
])('who leaves the question by %s gets nothing written, and is told so', async (_name, key) => {
  await using folder = await temporaryFolder();
  await using terminal = openTerminal('tcli', ['init', 'left'], { cwd: folder.path });
  await terminal.shows(QUESTION);
  terminal.type(key);
  expect(await terminal.ended()).toBe(1);
  expect(terminal.text()).toMatch(/error {2}Nothing was written\nto do {2}Run it again, or name one/);
  expect(await readdir(folder.path)).toEqual([]);
});

test('nobody is asked what a folder is to begin with where no app can be', async () => {
  await using folder = await folderWith({ 'full/tabbify.toml': '[app]\nname = "full"\n' });
  for (const [dir, told] of [
    ['full', 'full already holds an app'],
    ['api', 'An app cannot be named `api`'],
    ['---', '"---" cannot be an app\'s name'],
  ] as const) {
    await using terminal = openTerminal('tcli', ['init', '--', dir], { cwd: folder.path });
    await terminal.shows(told);
    expect(await terminal.ended()).toBe(1);
    expect(terminal.text()).not.toContain(QUESTION);
  }
  expect(await readdir(folder.path, { recursive: true })).toEqual(['full', 'full/tabbify.toml']);
});

test('what lies in the folder stays: other files beside the app, and those of its names keep it from being written', async () => {
  await using folder = await folderWith({ 'a/notes.txt': 'mine', 'b/README.md': 'mine' });
  for (const dir of ['a', 'b']) {
    await using terminal = openTerminal('tcli', ['init', dir], { cwd: folder.path });
    await terminal.shows(QUESTION);
    terminal.type(KEYS.enter);
    expect(await terminal.ended()).toBe(dir === 'a' ? 0 : 1);
    if (dir === 'b') expect(terminal.text()).toContain('README.md would be overwritten');
  }
  expect(await readFile(join(folder.path, 'a/notes.txt'), 'utf8')).toBe('mine');
  expect(await readdir(join(folder.path, 'a'))).toContain('tabbify.toml');
  expect(await readdir(join(folder.path, 'b'))).toEqual(['README.md']);
});
