import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
