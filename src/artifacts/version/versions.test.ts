import { once } from 'node:events';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { startChild } from '../../kit/index.ts';
import { readFiles, temporaryFolder, writeFiles } from '../folder-fixture.ts';
import {
  fetchTree,
  latestVersion,
  type ObjectStore,
  openFolderStore,
  publishVersion,
  versionPrefix,
} from '../index.ts';

const APP = '0191e7c2-1111-7222-8333-444455556666';
const place = { office: 'default', app: APP };

test('versions count from 1, lie where the format says, and `latest` follows', async () => {
  await using home = await temporaryFolder();
  const store = await openFolderStore(join(home.path, 'store'));
  const dir = await writeFiles(join(home.path, 'app'), { 'tabbify.toml': 'one' });
  expect(await latestVersion(store, place)).toBeNull();
  expect(await publishVersion(store, { ...place, dir })).toMatchObject({ version: 1, files: 1, bytes: 3 });
  await writeFiles(dir, { 'tabbify.toml': 'two' });
  const second = await publishVersion(store, { ...place, dir });
  expect(second).toMatchObject({ version: 2, prefix: `apps/${APP}/v2` });
  expect(await latestVersion(store, place)).toBe(2);
  expect(Buffer.from(await store.get(`apps/${APP}/latest`)).toString()).toBe('2');
  expect(Buffer.from(await store.get(`apps/${APP}/v1/tabbify.toml`)).toString()).toBe('one');
  await fetchTree(store, second.prefix, second.digest, join(home.path, 'v2'));
  expect(await readFiles(join(home.path, 'v2'))).toMatchObject({ 'tabbify.toml': 'two' });
});

test('an office other than the first has its own folder', () => {
  expect(versionPrefix({ office: 'acme', app: APP.toUpperCase(), version: 3 })).toBe(
    `offices/acme/apps/${APP}/v3`,
  );
  expect(() => versionPrefix({ office: '../x', app: APP, version: 1 })).toThrow(/no office/);
  expect(() => versionPrefix({ office: 'default', app: '../x', version: 1 })).toThrow(/not an app id/);
});

test('pushes at once get numbers of their own, whole each, and `latest` is the highest', async () => {
  await using home = await temporaryFolder();
  const store = await openFolderStore(join(home.path, 'store'));
  const pushes = await Promise.all(
    Array.from({ length: 6 }, async (_, index) => {
      const dir = await writeFiles(join(home.path, `app${index}`), { who: String(index), 'a/b': 'x' });
      return { index, published: await publishVersion(store, { ...place, dir }) };
    }),
  );
  expect(pushes.map(({ published }) => published.version).sort()).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await latestVersion(store, place)).toBe(6);
  for (const { index, published } of pushes) {
    const into = join(home.path, `out${index}`);
    await fetchTree(store, published.prefix, published.digest, into);
    expect(await readFiles(into)).toMatchObject({ who: String(index) });
  }
});

test('a slow push that is overtaken does not take `latest` back', async () => {
  await using home = await temporaryFolder();
  const store = await openFolderStore(join(home.path, 'store'));
  const dir = await writeFiles(join(home.path, 'app'), { a: 'x' });
  const held = Promise.withResolvers<void>();
  const atLatest = Promise.withResolvers<void>();
  const slow: ObjectStore = {
    ...store,
    async put(key, body) {
      if (key.endsWith('/latest')) {
        atLatest.resolve();
        await held.promise;
      }
      await store.put(key, body);
    },
  };
  const overtaken = publishVersion(slow, { ...place, dir });
  await atLatest.promise; // it has read the marker and is about to write 1
  expect(await publishVersion(store, { ...place, dir })).toMatchObject({ version: 2 });
  held.resolve();
  expect(await overtaken).toMatchObject({ version: 1 });
  expect(await latestVersion(store, place)).toBe(2);
});

test('a push that fails gives its number back and leaves nothing', async () => {
  await using home = await temporaryFolder();
  const store = await openFolderStore(join(home.path, 'store'));
  const dir = await writeFiles(join(home.path, 'app'), { a: 'x', b: 'y' });
  const failing: ObjectStore = {
    ...store,
    put: (key, body) => (key.endsWith('/b') ? Promise.reject(new Error('disk full')) : store.put(key, body)),
  };
  await expect(publishVersion(failing, { ...place, dir })).rejects.toThrow('disk full');
  expect(await store.list('')).toEqual([]);
  await symlink('a', join(dir, 'link'));
  await expect(publishVersion(store, { ...place, dir })).rejects.toMatchObject({ code: 'folder_invalid' });
  expect(await latestVersion(store, place)).toBeNull();
});

test('files that lie in a version’s folder without a claim are never written over', async () => {
  await using home = await temporaryFolder();
  const store = await openFolderStore(join(home.path, 'store'));
  const dir = await writeFiles(join(home.path, 'app'), { a: 'new' });
  await store.put(`apps/${APP}/v1/a`, Readable.from([Buffer.from('restored')]));
  expect(await publishVersion(store, { ...place, dir })).toMatchObject({ version: 2 });
  expect(Buffer.from(await store.get(`apps/${APP}/v1/a`)).toString()).toBe('restored');
});

test('a damaged marker is named, not guessed around', async () => {
  await using home = await temporaryFolder();
  const store = await openFolderStore(join(home.path, 'store'));
  await store.put(`apps/${APP}/latest`, Buffer.from('v7'));
  await expect(latestVersion(store, place)).rejects.toMatchObject({
    code: 'store_corrupt',
    message: expect.stringContaining(`apps/${APP}/latest`),
  });
});

/** Publishes, and stops for ever before the last file is stored. */
const KILLED_WRITER = `
  import { openFolderStore, publishVersion } from '${new URL('../index.ts', import.meta.url)}';
  const [home, app, dir] = process.argv.slice(1);
  const store = await openFolderStore(home);
  const stuck = {
    ...store,
    async putIfAbsent(key, body) {
      if (!key.endsWith('digest.json')) return store.putIfAbsent(key, body);
      process.stdout.write('almost');
      setInterval(() => {}, 1000);
      return new Promise(() => {});
    },
  };
  await publishVersion(stuck, { office: 'default', app, dir });
`;

test('a push that is killed leaves no visible version, and the next one succeeds', async () => {
  await using home = await temporaryFolder();
  const [root, dir] = [join(home.path, 'store'), await writeFiles(join(home.path, 'app'), { a: 'x' })];
  const child = startChild(process.execPath, ['--input-type=module', '-e', KILLED_WRITER, root, APP, dir], {
    env: {},
  });
  await once(child.stdout!, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');

  const store = await openFolderStore(root);
  expect(await latestVersion(store, place)).toBeNull();
  expect(await store.list(`apps/${APP}/v1/`)).not.toContain(`apps/${APP}/v1/digest.json`);
  const published = await publishVersion(store, { ...place, dir });
  expect(await latestVersion(store, place)).toBe(published.version);
  await fetchTree(store, published.prefix, published.digest, join(home.path, 'out'));
});
