import { execFileSync } from 'node:child_process';
import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { temporaryFolder, writeFiles } from '../folder-fixture.ts';
import { listFolder, packFolder } from '../index.ts';

const FILES = {
  'tabbify.toml': '[app]\nname = "x"\n',
  'src/main.ts': 'export {};\n',
  'src/target/keep.ts': 'kept: it is not at the root\n',
  'src/Ünïcode name.txt': 'ü',
  [`${'long/'.repeat(24)}path.txt`]: 'x',
  empty: '',
};
const LEFT_OUT = {
  'tabbify.lock': 'lock',
  'target/debug/app': 'binary',
  '.git/config': 'git',
  'node_modules/a/index.js': 'a',
  'packages/b/node_modules/c/index.js': 'c',
};

test('a listing holds what is pushed, sorted, with sizes, and nothing of what is not', async () => {
  await using home = await temporaryFolder();
  await writeFiles(home.path, { ...FILES, ...LEFT_OUT });
  const listed = await listFolder(home.path);
  const paths = Object.keys(FILES).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(listed.map(({ path }) => path)).toEqual(paths);
  expect(listed.find(({ path }) => path === 'src/main.ts')).toEqual({ path: 'src/main.ts', size: 11 });
});

test('.tabbifyignore leaves out what it names and cannot bring back what is never pushed', async () => {
  await using home = await temporaryFolder();
  await writeFiles(home.path, {
    ...LEFT_OUT,
    '.tabbifyignore': '# notes\n*.log\nsecret/\n!keep.log\n!node_modules\n/only-root\n',
    'a.log': '',
    'deep/b.log': '',
    'keep.log': '',
    'secret/key': '',
    'A.LOG': 'case counts',
    'only-root': '',
    'deep/only-root': '',
  });
  const paths = (await listFolder(home.path)).map(({ path }) => path);
  expect(paths).toEqual(['.tabbifyignore', 'A.LOG', 'deep/only-root', 'keep.log']);
});

test('a link is refused by name unless it is ignored', async () => {
  await using home = await temporaryFolder();
  await writeFiles(home.path, { a: 'x' });
  await symlink('/etc/passwd', join(home.path, 'passwords'));
  const refusal = { code: 'folder_invalid', message: expect.stringContaining('passwords') };
  await expect(listFolder(home.path)).rejects.toMatchObject(refusal);
  await expect(buffer(packFolder(home.path))).rejects.toMatchObject(refusal);
  await writeFile(join(home.path, '.tabbifyignore'), 'passwords\n');
  expect((await listFolder(home.path)).map(({ path }) => path)).toEqual(['.tabbifyignore', 'a']);
});

test('names that another machine could not hold are refused', async () => {
  await using home = await temporaryFolder();
  await writeFiles(join(home.path, 'case'), { README: '', readme: '' });
  await writeFiles(join(home.path, 'odd'), { 'a\nb': '' });
  await writeFiles(join(home.path, 'backslash'), { 'a\\b': '' });
  for (const folder of ['case', 'odd', 'backslash']) {
    await expect(listFolder(join(home.path, folder))).rejects.toMatchObject({ code: 'folder_invalid' });
  }
  await expect(listFolder(join(home.path, 'nowhere'))).rejects.toMatchObject({ code: 'folder_invalid' });
});

test('the same files make the same bytes, whenever and however they were written', async () => {
  await using home = await temporaryFolder();
  const one = await writeFiles(join(home.path, 'one'), FILES);
  const other = await writeFiles(
    join(home.path, 'other'),
    Object.fromEntries(Object.entries(FILES).reverse()),
  );
  await utimes(join(other, 'src/main.ts'), 1, 1);
  await mkdir(join(other, 'an empty folder'));
  expect(await buffer(packFolder(one))).toEqual(await buffer(packFolder(other)));
});

test('tar reads the archive', async () => {
  await using home = await temporaryFolder();
  await writeFiles(home.path, FILES);
  const listing = execFileSync('tar', ['-tzf', '-', '--quoting-style=literal'], {
    input: await buffer(packFolder(home.path)),
  });
  expect(listing.toString().trim().split('\n').sort()).toEqual(Object.keys(FILES).sort());
});

test('one file can be sent with another content, and even when it is not there', async () => {
  await using home = await temporaryFolder();
  await writeFiles(home.path, FILES);
  const contentOf = async (path: string, content: string) => {
    const archive = await buffer(packFolder(home.path, { substitute: { path, content } }));
    return execFileSync('tar', ['-xzf', '-', '-O', path], { input: archive }).toString();
  };
  expect(await contentOf('tabbify.toml', 'stämped')).toBe('stämped');
  expect(await contentOf('new.toml', 'new')).toBe('new');
});

test('a reader that stops early leaves nothing open', async () => {
  await using home = await temporaryFolder();
  await writeFiles(home.path, { large: Buffer.alloc(5_000_000, 'x') });
  const stream = packFolder(home.path);
  for await (const _ of stream) break;
  expect(stream.destroyed).toBe(true);
});
