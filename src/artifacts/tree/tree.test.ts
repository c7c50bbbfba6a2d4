import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFiles, temporaryFolder, writeFiles } from '../folder-fixture.ts';
import { fetchTree, openFolderStore, putTree } from '../index.ts';
import { formatTreeDigest, parseTreeDigest, sha256 } from './tree-digest.ts';

const FILES = {
  'tabbify.toml': '[app]\n',
  'src/main.ts': 'export {};\n',
  'src/empty': '',
  '10': 'ten',
  '9': 'nine',
};

test('a tree comes back as it was put, with its digest.json', async () => {
  await using home = await temporaryFolder();
  const store = await openFolderStore(join(home.path, 'store'));
  const folder = await writeFiles(join(home.path, 'app'), FILES);
  const tree = await putTree(store, 'apps/1/v1', folder);
  expect(tree).toMatchObject({ files: 5, bytes: 24, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });

  await fetchTree(store, 'apps/1/v1', tree.digest, join(home.path, 'cache/v1'));
  const { 'digest.json': list, ...files } = await readFiles(join(home.path, 'cache/v1'));
  expect(files).toEqual(FILES);
  expect(sha256(list ?? '')).toBe(tree.digest);
  expect(await readdir(join(home.path, 'cache'))).toEqual(['v1']);
});

test('a folder of the tree can be left out; what is fetched then is never taken for whole', async () => {
  await using home = await temporaryFolder();
  const store = await openFolderStore(join(home.path, 'store'));
  const folder = await writeFiles(join(home.path, 'app'), FILES);
  const { digest } = await putTree(store, 'apps/1/v1', folder);
  const into = join(home.path, 'v1');
  await fetchTree(store, 'apps/1/v1', digest, into, { without: 'src' });
  const { 'src/main.ts': _, 'src/empty': __, ...rest } = FILES;
  expect(await readFiles(into)).toEqual(rest);
});

test('digest.json is sorted by bytes and does not depend on where or in which order files were written', async () => {
  await using home = await temporaryFolder();
  const store = await openFolderStore(join(home.path, 'store'));
  const one = await writeFiles(join(home.path, 'one'), FILES);
  const other = await writeFiles(
    join(home.path, 'other'),
    Object.fromEntries(Object.entries(FILES).reverse()),
  );
  const first = await putTree(store, 'a', one);
  expect((await putTree(store, 'b', other)).digest).toBe(first.digest);
  const text = Buffer.from(await store.get('a/digest.json')).toString();
  expect(text).toMatch(/^\{"format":1,"files":\{"10":\{"sha256":"[0-9a-f]{64}","size":3\},"9":/);
  expect(JSON.parse(text)).toMatchObject({
    files: { 'src/main.ts': { sha256: sha256(FILES['src/main.ts']), size: 11 } },
  });
});

test('a fetched folder can be put again and has the same digest', async () => {
  await using home = await temporaryFolder();
  const store = await openFolderStore(join(home.path, 'store'));
  const { digest } = await putTree(store, 'a', await writeFiles(join(home.path, 'app'), FILES));
  await fetchTree(store, 'a', digest, join(home.path, 'fetched'));
  expect(await putTree(store, 'b', join(home.path, 'fetched'))).toMatchObject({ digest, files: 5 });
});

test('an app’s own digest.json is refused rather than lost', async () => {
  await using home = await temporaryFolder();
  const store = await openFolderStore(join(home.path, 'store'));
  const folder = await writeFiles(join(home.path, 'app'), {
    'digest.json': '{"mine":true}',
    'deep/digest.json': '{}',
  });
  await expect(putTree(store, 'a', folder)).rejects.toMatchObject({
    code: 'folder_invalid',
    message: expect.stringContaining('digest.json'),
  });
});

test('an immutable tree is put once', async () => {
  await using home = await temporaryFolder();
  const store = await openFolderStore(join(home.path, 'store'));
  const folder = await writeFiles(join(home.path, 'app'), FILES);
  await putTree(store, 'a', folder, { immutable: true });
  await expect(putTree(store, 'a', folder, { immutable: true })).rejects.toMatchObject({
    code: 'version_conflict',
  });
});

test('a link in the folder is refused by name', async () => {
  await using home = await temporaryFolder();
  const store = await openFolderStore(join(home.path, 'store'));
  const folder = await writeFiles(join(home.path, 'app'), FILES);
  await symlink('/etc/passwd', join(folder, 'src/passwords'));
  await expect(putTree(store, 'a', folder)).rejects.toMatchObject({
    code: 'folder_invalid',
    message: expect.stringMatching(/src\/passwords.*link/),
  });
});

test.each(Object.keys(FILES))(
  'a flipped byte of %s is found, named, and nothing is left behind',
  async (path) => {
    await using home = await temporaryFolder();
    const store = await openFolderStore(join(home.path, 'store'));
    const { digest } = await putTree(store, 'v1', await writeFiles(join(home.path, 'app'), FILES));
    const stored = Buffer.from(await store.get(`v1/${path}`));
    await store.put(`v1/${path}`, stored.length === 0 ? Buffer.from('x') : flipped(stored));
    await expect(fetchTree(store, 'v1', digest, join(home.path, 'cache/v1'))).rejects.toMatchObject({
      code: 'digest_mismatch',
      message: expect.stringContaining(`v1/${path}`),
    });
    expect(await readdir(join(home.path, 'cache'))).toEqual([]);
  },
);

test('a missing, a cut and an exchanged file are found and named', async () => {
  await using home = await temporaryFolder();
  const store = await openFolderStore(join(home.path, 'store'));
  const { digest } = await putTree(store, 'v1', await writeFiles(join(home.path, 'app'), FILES));
  const fetching = () => fetchTree(store, 'v1', digest, join(home.path, 'v1'));
  const named = { code: 'digest_mismatch', message: expect.stringContaining('v1/src/main.ts') };
  await store.put('v1/src/main.ts', Buffer.from('exp'));
  await expect(fetching()).rejects.toMatchObject(named);
  await store.put('v1/src/main.ts', Buffer.from('export[];\n!'));
  await expect(fetching()).rejects.toMatchObject(named);
  await store.delete('v1/src/main.ts');
  await expect(fetching()).rejects.toMatchObject(named);
  await store.put('v1/src/main.ts', Buffer.from(FILES['src/main.ts']));
  await fetching();
});

test('another digest than the log’s is refused before a file is fetched', async () => {
  await using home = await temporaryFolder();
  const store = await openFolderStore(join(home.path, 'store'));
  await putTree(store, 'v1', await writeFiles(join(home.path, 'app'), FILES));
  await expect(fetchTree(store, 'v1', 'f'.repeat(64), join(home.path, 'v1'))).rejects.toMatchObject({
    code: 'digest_mismatch',
    message: expect.stringContaining('v1/digest.json'),
  });
  await expect(fetchTree(store, 'v2', 'f'.repeat(64), join(home.path, 'v2'))).rejects.toMatchObject({
    code: 'object_unknown',
  });
});

test('a list whose digest is right but whose paths leave the folder writes nothing', async () => {
  await using home = await temporaryFolder();
  const store = await openFolderStore(join(home.path, 'store'));
  const entry = `{"sha256":"${sha256('owned')}","size":5}`;
  const list = `{"format":1,"files":{"../../canary":${entry}}}`;
  await store.put('v1/digest.json', Buffer.from(list));
  await expect(fetchTree(store, 'v1', sha256(list), join(home.path, 'a/b'))).rejects.toMatchObject({
    code: 'digest_mismatch',
  });
  expect(await readdir(home.path)).toEqual(['a', 'store']);
});

test('a folder that is there with this digest is left alone, with another one it is an error', async () => {
  await using home = await temporaryFolder();
  const store = await openFolderStore(join(home.path, 'store'));
  const { digest } = await putTree(store, 'v1', await writeFiles(join(home.path, 'app'), FILES));
  const target = join(home.path, 'v1');
  await fetchTree(store, 'v1', digest, target);
  await writeFile(join(target, 'mark'), '');
  await store.delete('v1/digest.json'); // the store is not asked again
  await fetchTree(store, 'v1', digest, target);
  expect(await readFiles(target)).toHaveProperty('mark');
  await expect(fetchTree(store, 'v1', 'f'.repeat(64), target)).rejects.toMatchObject({
    code: 'digest_mismatch',
  });
});

test('many fetches of one tree at once all end with the whole folder', async () => {
  await using home = await temporaryFolder();
  const store = await openFolderStore(join(home.path, 'store'));
  const { digest } = await putTree(store, 'v1', await writeFiles(join(home.path, 'app'), FILES));
  const target = join(home.path, 'cache/v1');
  await Promise.all(Array.from({ length: 6 }, () => fetchTree(store, 'v1', digest, target)));
  expect(await readdir(join(home.path, 'cache'))).toEqual(['v1']);
  expect(await readFile(join(target, 'src/main.ts'), 'utf8')).toBe(FILES['src/main.ts']);
});

test('a list of files reads back as it was written', () => {
  const part = fc.stringMatching(/^[a-zA-Z0-9_][ -.0-9A-Z_a-z]{0,8}$/);
  const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const file = fc.record({ sha256: fc.stringMatching(/^[0-9a-f]{64}$/), size: fc.nat() });
  fc.assert(
    fc.property(fc.dictionary(path, file), (files) => {
      const map = new Map(Object.entries(files));
      const text = formatTreeDigest(map);
      expect(formatTreeDigest(parseTreeDigest(text)!)).toBe(text);
      expect(parseTreeDigest(text)!.size).toBe(map.size);
    }),
  );
});

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[0] = copy[0]! ^ 1;
  return copy;
}
