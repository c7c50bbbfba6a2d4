import { expect, test } from 'vitest';
import { runCli } from './testing/run-cli.ts';
import { appRow, json, stubNode } from './testing/stub-node.ts';

const UUID = '0191e7c2-1111-7222-8333-444455556666';
const row = (version: number) => ({
  version,
  digest: 'd'.repeat(64),
  files: 2,
  bytes: 2048,
  runtime: 'worker',
  visibility: 'private',
  published_at: '2026-01-01T00:00:00Z',
  published_by: 'user:owner',
});
const DIFFERENCE = {
  uuid: UUID,
  from: 2,
  to: 3,
  files: {
    added: [{ path: 'src/new.ts', bytes: 5 }],
    removed: [{ path: 'old.txt', bytes: 3 }],
    changed: [{ path: 'src/index.ts', before: 10, after: 2048 }],
  },
  manifest: [
    { key: 'runtime.memory_mb', before: 64, after: 128 },
    { key: 'app.visibility', after: 'public' },
  ],
  capabilities: { added: [{ kind: 'http_allow_list', value: 'api.example.com' }], removed: [] },
};

const asked: string[] = [];
const office = () =>
  stubNode({
    'GET /v1/apps': (_request, response) =>
      json(response, 200, { apps: [{ ...appRow(UUID, 'shop'), version: 2 }] }),
    'GET /v1/apps/:id/versions': (_request, response) => json(response, 200, { versions: [row(3), row(2)] }),
    'GET /v1/apps/:id/versions/:n': (_request, response) =>
      json(response, 200, { ...row(3), files_list: [{ path: 'src/index.ts', bytes: 2000, sha256: 'a' }] }),
    'GET /v1/apps/:id/versions/:n/diff': (_request, response, url) => {
      asked.push(`${url.pathname.split('/')[5]}${url.search}`);
      json(response, 200, DIFFERENCE);
    },
  });

test('versions are listed, and the one in place is marked', async () => {
  await using node = await office();
  const { code, stdout } = await runCli('tabbify', ['versions', 'shop'], { cwd: '/', env: node.env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^VERSION .*\n3 .*2\.0 KB\s*\n2 .*2\.0 KB\s+in place\n$/);
});

test('a version shows its files', async () => {
  await using node = await office();
  const { stdout } = await runCli('tabbify', ['versions', 'show', 'shop', 'v3'], { cwd: '/', env: node.env });
  expect(stdout).toContain('version 3  worker, private');
  expect(stdout).toContain('src/index.ts  2.0 KB');
  const wrong = await runCli('tabbify', ['versions', 'show', 'shop', 'newest'], { cwd: '/', env: node.env });
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('"newest" is no version') });
});

test('versions are removed one after the other, and the office says which may not go', async () => {
  const removed: string[] = [];
  await using node = await stubNode({
    'GET /v1/apps': (_request, response) => json(response, 200, { apps: [appRow(UUID, 'shop')] }),
    'DELETE /v1/apps/:id/versions/:n': (_request, response, url) => {
      const number = url.pathname.split('/')[5] ?? '';
      if (number === '3') {
        json(response, 409, { title: 'Version is in use', detail: "'local' has it", code: 'version_in_use' });
        return;
      }
      removed.push(number);
      json(response, 200, { ...row(Number(number)), removed_at: '2026-01-02T00:00:00Z' });
    },
  });
  const options = { cwd: '/', env: node.env };
  const { code, stdout, stderr } = await runCli(
    'tabbify',
    ['versions', 'remove', 'shop', '1', '3', '2'],
    options,
  );
  expect([code, stdout, removed]).toEqual([1, 'Removed version 1 of shop.\n', ['1']]);
  expect(stderr).toContain("'local' has it");
});

test('two versions are compared: the numbers that are left out are the newest and the one before', async () => {
  await using node = await office();
  asked.length = 0;
  for (const numbers of [[], ['1'], ['1', '2']]) {
    const { code } = await runCli('tabbify', ['versions', 'diff', 'shop', ...numbers], {
      cwd: '/',
      env: node.env,
    });
    expect(code).toBe(0);
  }
  expect(asked).toEqual(['3', '3?from=1', '2?from=1']);
  const { stdout } = await runCli('tabbify', ['versions', 'diff', 'shop'], { cwd: '/', env: node.env });
  expect(stdout).toBe(`shop  version 2 → 3
Files
  + src/new.ts (5 B)
  - old.txt
  ~ src/index.ts (10 B → 2.0 KB)
Manifest
  - runtime.memory_mb = 64
  + runtime.memory_mb = 128
  + app.visibility = "public"
May reach
  + http_allow_list: api.example.com
`);
});
