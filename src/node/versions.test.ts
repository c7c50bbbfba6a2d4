import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VERSION_LIMITS } from './index.ts';
import { manifest, OTHER, TINY } from './testing/apps.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';

let node: RunningNode;
beforeEach(async () => {
  node = await startTestNode();
});
afterEach(() => node.close());

const BUILD = '[build]\nmain = "main.ts"\n';

async function pushTwo(): Promise<void> {
  const old = '[capabilities]\nhttp_allow_list = ["old.example.com"]\n';
  await node.push(TINY, {
    'tabbify.toml': manifest(TINY, 'tiny', BUILD + old),
    'main.ts': 'a',
    'gone.txt': 'bye',
  });
  const young = '[capabilities]\nhttp_allow_list = ["new.example.com"]\n[runtime]\nmemory_mb = 128\n';
  await node.push(TINY, {
    'tabbify.toml': manifest(TINY, 'tiny', BUILD + young),
    'main.ts': 'abc',
    'new.ts': '12345',
  });
}

test('one version tells its files', async () => {
  await pushTwo();
  const { status, json } = await node.call(`/v1/apps/${TINY}/versions/1`);
  expect(status).toBe(200);
  expect(json).toMatchObject({ version: 1, files: 3, published_by: 'user:owner' });
  expect(json.files_list).toEqual([
    { path: 'gone.txt', bytes: 3, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    { path: 'main.ts', bytes: 1, sha256: expect.stringMatching(/^ca978112ca1bbdca/) },
    expect.objectContaining({ path: 'tabbify.toml' }),
  ]);
});

test('two versions are compared by files, keys of the manifest and capabilities', async () => {
  await pushTwo();
  const { status, json } = await node.call(`/v1/apps/${TINY}/versions/2/diff`);
  expect(status).toBe(200);
  expect(json).toMatchObject({ uuid: TINY, from: 1, to: 2 });
  expect(json.files).toEqual({
    added: [{ path: 'new.ts', bytes: 5 }],
    removed: [{ path: 'gone.txt', bytes: 3 }],
    changed: [{ path: 'main.ts', before: 1, after: 3 }, expect.objectContaining({ path: 'tabbify.toml' })],
  });
  expect(json.manifest).toEqual([
    { key: 'capabilities.http_allow_list', before: ['old.example.com'], after: ['new.example.com'] },
    { key: 'runtime.memory_mb', after: 128 },
  ]);
  expect(json.capabilities).toEqual({
    added: [{ kind: 'http_allow_list', value: 'new.example.com' }],
    removed: [{ kind: 'http_allow_list', value: 'old.example.com' }],
  });
  const { json: back } = await node.call(`/v1/apps/${TINY}/versions/1/diff?from=2`);
  expect(back.files.added).toEqual(json.files.removed);
  const { json: first } = await node.call(`/v1/apps/${TINY}/versions/1/diff`);
  expect([first.from, first.files.added.length]).toEqual([null, 3]);
});

test('what is not there is told as that', async () => {
  await pushTwo();
  for (const path of [`${TINY}/versions/9`, `${TINY}/versions/9/diff`, `${TINY}/versions/2/diff?from=9`]) {
    const { status, json } = await node.call(`/v1/apps/${path}`);
    expect([path, status, json.code]).toEqual([path, 404, 'version_unknown']);
  }
  const { status, json } = await node.call(`/v1/apps/${OTHER}/versions/1`);
  expect([status, json.code]).toEqual([404, 'app_unknown']);
  expect((await node.call(`/v1/apps/${TINY}/versions/x`)).status).toBe(400);
  expect((await node.call(`/v1/apps/${TINY}/versions/2/diff?from=0`)).status).toBe(400);
});

test('a stored version that was changed is not compared as if it were the one that was published', async () => {
  await pushTwo();
  await writeFile(join(node.home, 'objects/apps', TINY, 'v1/tabbify.toml'), '[app]\nname = "other"\n');
  const { status, json } = await node.call(`/v1/apps/${TINY}/versions/2/diff`);
  expect([status, json.code]).toEqual([500, 'digest_mismatch']);
});

const numbered = (id: string, n: number) => ({
  'tabbify.toml': manifest(id, id === TINY ? 'tiny' : 'other', BUILD),
  'main.ts': `export default ${n}`,
});
const pushMany = async (count: number) => {
  for (let n = 1; n <= count; n++) expect((await node.push(TINY, numbered(TINY, n))).status).toBe(201);
};
const remove = (n: number) => node.call(`/v1/apps/${TINY}/versions/${n}`, { method: 'DELETE' });
const filesOf = (n: number) =>
  readdir(join(node.home, 'objects/apps', TINY, `v${n}`)).catch(() => [] as string[]);
const removedOf = async () =>
  (await node.events(['version_removed'])).map(({ data, actor }) => [data.version, data.why, actor]);

test('a version is removed for good: it is said, its files go, its number is not given again', async () => {
  await pushMany(4);
  expect(await filesOf(1)).not.toEqual([]);
  const { status, json } = await remove(1);
  expect([status, json.version]).toEqual([200, 1]);
  expect(json.removed_at).toMatch(/^20/);
  expect(await filesOf(1)).toEqual([]);
  expect(await removedOf()).toEqual([[1, 'asked', 'user:owner']]);
  expect((await remove(1)).json.code).toBe('version_removed');
  const { json: asked } = await node.call(`/v1/apps/${TINY}/deploy`, {
    method: 'POST',
    json: { version: 1 },
  });
  expect([asked.status, asked.code]).toEqual([410, 'version_removed']);
  const { json: list } = await node.call(`/v1/apps/${TINY}/versions`);
  expect(
    list.versions.map((row: { version: number; removed_at: string | null }) => [
      row.version,
      row.removed_at !== null,
    ]),
  ).toEqual([
    [4, false],
    [3, false],
    [2, false],
    [1, true],
  ]);
  expect((await node.push(TINY, numbered(TINY, 5))).json.version).toBe(5);
});

test('the last three stay, and it is said why', async () => {
  await pushMany(3);
  for (const n of [1, 2, 3]) {
    const { status, json } = await remove(n);
    expect([status, json.code, json.detail]).toEqual([
      409,
      'version_in_use',
      expect.stringContaining('one of the last 3'),
    ]);
  }
  expect(await removedOf()).toEqual([]);
});

test('an office that keeps so many removes the oldest by itself, also what a killed one had begun', async () => {
  await node.restart({ versionLimits: { ...VERSION_LIMITS, keep: 4 } });
  await pushMany(6);
  expect(await removedOf()).toEqual([
    [1, 'retention', 'system'],
    [2, 'retention', 'system'],
  ]);
  expect([await filesOf(1), await filesOf(2)]).toEqual([[], []]);
  expect(await filesOf(3)).not.toEqual([]);
  await node.restart({
    prepare: async (home) => {
      await mkdir(join(home, 'objects/apps', TINY, 'v2'), { recursive: true });
      await writeFile(join(home, 'objects/apps', TINY, 'v2/main.ts'), 'left by a crash');
    },
  });
  await expect.poll(() => filesOf(2)).toEqual([]);
});

test('an app and an office have so much room, and what helps is said', async () => {
  const KB = 1024;
  await node.restart({ versionLimits: { appBytes: 5 * KB, officeBytes: 8 * KB, keep: 0 } });
  const push = (id: string, n: number) =>
    node.push(id, { ...numbered(id, n), 'data.bin': Buffer.alloc(KB, n) });
  for (let n = 1; n <= 4; n++) expect((await push(TINY, n)).status).toBe(201);
  const full = await push(TINY, 5);
  expect([full.status, full.json.code]).toEqual([413, 'quota_exceeded']);
  expect(full.json.hint).toContain('`tabbify versions remove tiny 1`');
  expect((await node.call(`/v1/apps/${TINY}/versions`)).json.versions).toHaveLength(4);
  expect((await remove(1)).status).toBe(200);
  expect((await push(TINY, 6)).status).toBe(201);
  for (let n = 1; n <= 3; n++) await push(OTHER, n);
  const crowded = await push(OTHER, 4);
  expect([crowded.status, crowded.json.detail]).toEqual([
    413,
    expect.stringContaining('the office may have'),
  ]);
});

test('what the office removes by itself after a push needs no room', async () => {
  const KB = 1024;
  await node.restart({ versionLimits: { appBytes: 5 * KB, officeBytes: 50 * KB, keep: 3 } });
  for (let n = 1; n <= 6; n++) {
    const { status } = await node.push(TINY, { ...numbered(TINY, n), 'data.bin': Buffer.alloc(KB, n) });
    expect([n, status]).toEqual([n, 201]);
  }
});
