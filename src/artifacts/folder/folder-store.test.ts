import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { skipWithout } from '../../../test/requirements.ts';
import { startChild } from '../../kit/index.ts';
import { openFolderStore } from '../index.ts';
import { objectStoreConformance } from '../object-store.conformance.ts';
import { storageFault } from './storage-fault.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'tabbify-store-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

objectStoreConformance('a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tabbify-store-'));
  const store = await openFolderStore(join(folder, 'artifacts'));
  return { store, close: () => rm(folder, { recursive: true, force: true }) };
});

test('objects are plain files under their key, readable by the owner only', async () => {
  const store = await openFolderStore(join(home, 'artifacts'));
  await store.put('apps/1/latest', Buffer.from('7'));
  expect(await readFile(join(home, 'artifacts/apps/1/latest'), 'utf8')).toBe('7');
  const modeOf = async (path: string) => (await stat(join(home, path))).mode & 0o777;
  expect(await modeOf('artifacts')).toBe(0o700);
  expect(await modeOf('artifacts/apps/1')).toBe(0o700);
  expect(await modeOf('artifacts/apps/1/latest')).toBe(0o600);
});

test('deleting the last object of a folder removes the folder', async () => {
  const store = await openFolderStore(home);
  await store.put('apps/1/v1/x', Buffer.from('x'));
  await store.put('apps/2/v1/x', Buffer.from('x'));
  await store.delete('apps/1/v1/x');
  expect(await readdir(join(home, 'apps'))).toEqual(['2']);
});

test('a key that is the beginning of another one is refused with the reason', async () => {
  const store = await openFolderStore(home);
  await store.put('a/b', Buffer.from('x'));
  const refusal = { code: 'object_key_invalid' };
  await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject(refusal);
  await expect(store.put('a/b/c', Buffer.from('x'))).rejects.toMatchObject(refusal);
  await expect(store.get('a')).rejects.toMatchObject({ code: 'object_unknown' });
  await expect(store.stream('a')).rejects.toMatchObject({ code: 'object_unknown' });
  expect(await store.list('')).toEqual(['a/b']);
});

/** Writes an object that never ends, says so on stdout, and waits to be killed. */
const ENDLESS_WRITER = `
  import { Readable } from 'node:stream';
  import { openFolderStore } from '${new URL('../index.ts', import.meta.url)}';
  const store = await openFolderStore(process.argv[1]);
  const endless = async function* () {
    yield Buffer.alloc(100_000, 1);
    process.stdout.write('writing');
    setInterval(() => {}, 1000);
    await new Promise(() => {});
  };
  await store.put('apps/1/half', Readable.from(endless()));
`;

test('what a killed writer has left is removed at the next start; what a running one writes stays', async () => {
  const child = startChild(process.execPath, ['--input-type=module', '-e', ENDLESS_WRITER, home], {
    env: {},
  });
  await once(child.stdout!, 'data');
  const during = await openFolderStore(home);
  expect(await readdir(join(home, '.incoming'))).toHaveLength(1);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(await during.list('')).toEqual([]);
  await openFolderStore(home);
  expect(await readdir(join(home, '.incoming'))).toEqual([]);
});

test('what an earlier life with the same process number has left is removed', async () => {
  const store = await openFolderStore(home);
  const left = join(home, '.incoming', `${process.pid}.0191e7c2-1111-7222-8333-444455556666`);
  await writeFile(left, 'half');
  await openFolderStore(home);
  expect(await readdir(join(home, '.incoming'))).toHaveLength(1);
  const beforeThisLife = Date.now() / 1000 - process.uptime() - 60;
  await utimes(left, beforeThisLife, beforeThisLife);
  await openFolderStore(home);
  expect(await readdir(join(home, '.incoming'))).toEqual([]);
  expect(await store.list('')).toEqual([]);
});

test('a store that reaches over two file systems is unavailable and says why', async (context) => {
  const elsewhere = await mkdtemp('/dev/shm/tabbify-').catch(() => null);
  const [here, there] = [await stat(home), elsewhere === null ? null : await stat(elsewhere)];
  try {
    context.skip(skipWithout('secondFileSystem', elsewhere !== null && here.dev !== there?.dev));
    await symlink(elsewhere ?? '', join(home, '.incoming'));
    const store = await openFolderStore(home);
    await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject({
      code: 'store_unavailable',
      status: 503,
      hint: expect.stringContaining('one file system'),
    });
    expect(await readdir(elsewhere ?? '')).toEqual([]);
  } finally {
    if (elsewhere !== null) await rm(elsewhere, { recursive: true });
  }
});

test('a folder that is a file cannot be a store', async () => {
  await writeFile(join(home, 'file'), '');
  await expect(openFolderStore(join(home, 'file'))).rejects.toMatchObject({
    code: 'store_unavailable',
    hint: expect.stringContaining('move it away'),
  });
});

test.each(['ENOSPC', 'EXDEV', 'EDQUOT', 'EROFS', 'EIO'])('%s is store_unavailable with a remedy', (code) => {
  const error = Object.assign(new Error(`${code}: write`), { code });
  expect(storageFault(error, 'store an object')).toMatchObject({
    code: 'store_unavailable',
    status: 503,
    hint: expect.stringMatching(/.{10}/),
    cause: error,
  });
});

test('an error that is not of the storage stays what it is', () => {
  const error = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  expect(storageFault(error, 'store an object')).toBe(error);
});
