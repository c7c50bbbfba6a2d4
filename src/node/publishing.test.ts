import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { manifest, OTHER, TINY } from './testing/apps.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';

let node: RunningNode;
beforeEach(async () => {
  node = await startTestNode();
});
afterEach(() => node.close());

const toml = (text: string) => ({ 'tabbify.toml': text, 'main.ts': 'export default {}' });

test('whether the manifest names the runtime is kept, as only what it leaves open may be replaced', async () => {
  const build = '[build]\nmain = "main.ts"\n';
  for (const rest of ['', '[runtime]\ntype = "worker"\n', '[runtime]\ntype = "wasm-http"\n']) {
    const { json } = await node.push(TINY, toml(manifest(TINY, 'Tiny App', `${build}${rest}`)));
    expect(json.warnings).toEqual([]);
  }
  const told = (await node.events(['version_published'])).map(({ data }) => data);
  expect(told).toMatchObject([
    { runtime: { type: 'worker', main: 'main.ts' }, runtime_declared: false },
    { runtime: { type: 'worker', fuel_per_request: 1e9 }, runtime_declared: true },
    { runtime: { type: 'wasm-http' }, runtime_declared: true },
  ]);
});

test('a push becomes a version, an app and two events', async () => {
  const first = await node.push(TINY, toml(manifest(TINY, 'Tiny App', '[build]\nmain = "main.ts"\n')));
  expect(first.status).toBe(201);
  expect(first.json).toMatchObject({
    uuid: TINY,
    version: 1,
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(first.json.warnings).toEqual([]);
  const second = await node.push(TINY, toml(manifest(TINY, 'Tiny App', '[build]\nmain = "main.ts"\n')));
  expect(second.json.version).toBe(2);
  const events = await node.events(['app_registered', 'version_published']);
  expect(events.map(({ type, actor }) => [type, actor])).toEqual([
    ['app_registered', 'user:owner'],
    ['version_published', 'user:owner'],
    ['version_published', 'user:owner'],
  ]);
  const { json: row } = await node.call(`/v1/apps/${TINY}`);
  const { port } = new URL(node.url);
  expect(row).toMatchObject({
    uuid: TINY,
    slug: 'tiny-app',
    state: 'published',
    version: null,
    latest_version: 2,
    runtime: 'worker',
    app_ula: 'fd5a:1f02:44a5:240b:121a::1',
    url: `http://tiny-app.localhost:${port}/`,
    path_url: `${node.url}/app/${TINY}/`,
  });
  const versions = await node.call(`/v1/apps/${TINY}/versions?limit=1`);
  expect(versions.json).toMatchObject({ versions: [{ version: 2, published_by: 'user:owner' }] });
  const rest = await node.call(`/v1/apps/${TINY}/versions?limit=1&cursor=${versions.json.next_cursor}`);
  expect(rest.json).toMatchObject({ versions: [{ version: 1 }], next_cursor: null });
  expect(await readdir(join(node.home, 'uploads'))).toEqual([]);
});

test('what a manifest asks for is said with the version, and so is what it may have meant to ask for', async () => {
  const asks = [
    'env.MODE = "dark"',
    '[capabilities]\nhttp_allow_list = ["api.example.com"]\nhttp_alow_list = ["*.example.com"]\nemit_segments = ["tenant_default.x"]',
    '[[secrets]]\nname = "key"\nenv_var = "KEY"',
  ].join('\n');
  const { json } = await node.push(TINY, toml(manifest(TINY, 'tiny', asks)));
  const doubt = expect.stringContaining('unknown key `capabilities.http_alow_list`');
  expect(json.warnings).toEqual(expect.arrayContaining([doubt]));
  const [published] = await node.events(['version_published']);
  expect(published?.data).toMatchObject({
    requests: ['emit:tenant_default.x', 'http:api.example.com', 'secret:key', 'visibility:public'],
    secrets: [{ name: 'key', env_var: 'KEY', required: true }],
    doubts: [doubt],
    inherited: [],
  });
  const { json: row } = await node.call(`/v1/apps/${TINY}`);
  expect(row.warnings).toEqual([doubt]);
});

test.each([
  ['an unstamped manifest', toml(manifest(null, 'tiny')), 400, 'app_id_mismatch'],
  ['the stamp of another app', toml(manifest(OTHER, 'tiny')), 400, 'app_id_mismatch'],
  [
    'a manifest with an error',
    toml(manifest(TINY, 'tiny', '[runtime]\nlifecycle = "x"')),
    400,
    'manifest_invalid',
  ],
  ['no manifest', { 'main.ts': '' }, 400, 'manifest_invalid'],
  ['a reserved name', toml(manifest(TINY, 'api')), 400, 'manifest_invalid'],
])('%s is refused and leaves nothing behind', async (_what, files, status, code) => {
  const answer = await node.push(TINY, files as Record<string, string>);
  expect([answer.status, answer.json.code]).toEqual([status, code]);
  expect(answer.json.hint ?? answer.json.detail).toBeTruthy();
  expect(await node.events(['app_registered', 'version_published'])).toEqual([]);
  expect(await readdir(join(node.home, 'uploads'))).toEqual([]);
});

test('what is no archive is refused', async () => {
  const answer = await node.call(`/v1/apps/${TINY}/versions`, {
    method: 'POST',
    body: new Blob(['not a gzip']).stream(),
  });
  expect([answer.status, answer.json.code]).toEqual([400, 'archive_invalid']);
});

test('a name belongs to the app that had it first, and an app may take another one', async () => {
  await node.push(TINY, toml(manifest(TINY, 'bakery')));
  const taken = await node.push(OTHER, toml(manifest(OTHER, 'Bakery')));
  expect([taken.status, taken.json.code]).toEqual([409, 'name_taken']);
  expect(taken.json.detail).toContain(TINY);
  await node.push(TINY, toml(manifest(TINY, 'cakes')));
  expect((await node.push(OTHER, toml(manifest(OTHER, 'bakery')))).status).toBe(201);
  const { json } = await node.call('/v1/apps?limit=1');
  expect(json.apps.map((app: { slug: string }) => app.slug)).toEqual(['bakery']);
  const rest = await node.call(`/v1/apps?limit=1&cursor=${json.next_cursor}`);
  expect(rest.json).toMatchObject({ apps: [{ slug: 'cakes', uuid: TINY }], next_cursor: null });
});

test('a push that is repeated under its Idempotency-Key is answered as the first was', async () => {
  const files = toml(manifest(TINY, 'tiny'));
  const once = { headers: { 'idempotency-key': 'push-1' } };
  const answers = await Promise.all([node.push(TINY, files, once), node.push(TINY, files, once)]);
  await node.restart();
  answers.push(await node.push(TINY, files, once));
  expect(new Set(answers.map(({ json }) => json.version)).size).toBe(1);
  expect(await node.events(['version_published'])).toHaveLength(1);
});

test('pushes at once get numbers of their own', async () => {
  const answers = await Promise.all(
    Array.from({ length: 4 }, (_, index) =>
      node.push(TINY, { ...toml(manifest(TINY, 'tiny')), 'n.txt': String(index) }),
    ),
  );
  expect(answers.map(({ json }) => json.version).sort()).toEqual([1, 2, 3, 4]);
  expect(await node.events(['app_registered'])).toHaveLength(1);
});
