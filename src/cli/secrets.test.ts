import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { runCli } from './testing/run-cli.ts';
import { json, problem, type StubNode, stubNode } from './testing/stub-node.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { KEYS, openTerminal } from './testing/terminal.ts';

const VALUE = 'sk-ant-1234567890';
const ROW = {
  ...{ name: 'anthropic_api_key', kind: 'api-key', version: 1, state: 'sealed' },
  ...{ created_at: '2026-01-01T00:00:00Z', created_by: 'user:owner' },
  ...{ updated_at: '2026-01-01T00:00:00Z', updated_by: 'user:owner' },
};
const ENTRY = {
  ...{
    line: 7,
    time: '2026-01-01T00:00:00Z',
    action: 'revealed',
    tenant: 'default',
    name: 'key',
    version: 2,
  },
  ...{ actor: 'supervisor:local', purpose: 'start of shop', hash: 'h' },
};

interface Asked {
  values: string[];
  office?: string | undefined;
  deleted: string[];
}

async function valueIn(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return Buffer.from(JSON.parse(text).value_base64, 'base64').toString('latin1');
}

/** A node that knows secrets, and notes what it was asked. */
async function secretNode(asked: Asked, broken: unknown = null): Promise<StubNode> {
  return stubNode({
    'GET /v1/secrets': (_request, response) =>
      json(response, 200, { secrets: [ROW, { ...ROW, name: 'cert', kind: 'file', state: 'damaged' }] }),
    'POST /v1/secrets': async (request, response) => {
      asked.office = request.headers['tabbify-office'] as string | undefined;
      asked.values.push(await valueIn(request));
      json(response, 201, ROW);
    },
    'PUT /v1/secrets/:name': async (request, response) => {
      asked.values.push(await valueIn(request));
      json(response, 200, { ...ROW, version: 2 });
    },
    'DELETE /v1/secrets/:name': (_request, response, url) => {
      const name = decodeURIComponent(url.pathname.slice('/v1/secrets/'.length));
      asked.deleted.push(name);
      if (name === 'nothing')
        return problem(response, 404, 'Unknown secret', 'The office has no such secret');
      json(response, 200, { name, state: 'deleted' });
    },
    'POST /v1/secrets/master-key': (_request, response) => json(response, 200, { secrets: 3 }),
    'GET /v1/secrets/audit': (_request, response) => json(response, 200, { entries: [ENTRY] }),
    'GET /v1/secrets/audit/verify': (_request, response) => json(response, 200, { lines: 6, broken }),
  });
}

const nothing = (): Asked => ({ values: [], deleted: [] });

test('the line of the product’s first documents registers what is piped in, without the end of its line', async () => {
  await using folder = await temporaryFolder();
  const asked = nothing();
  await using node = await secretNode(asked);
  const line = ['secrets', 'register', 'anthropic_api_key', 'api-key', '--from-stdin', '--tenant', 'default'];
  const options = { cwd: folder.path, env: node.env };
  const done = await runCli('tabbify', line, { ...options, stdin: `${VALUE}\n` });
  expect(done).toMatchObject({
    code: 0,
    stderr: '',
    stdout: 'Sealed anthropic_api_key (api-key), version 1.\n',
  });
  expect(asked).toMatchObject({ values: [VALUE], office: 'default' });
  const asJson = await runCli('tabbify', [...line, '--json'], { ...options, stdin: `${VALUE}\r\n` });
  expect(asJson.json()).toEqual(ROW);
  const file = ['secrets', 'register', 'cert', 'file', '--from-stdin'];
  await runCli('tabbify', file, { ...options, stdin: Buffer.from([0, 255, 13, 10]) });
  const rotate = (name: string) => ['secrets', 'rotate', name, '--from-stdin'];
  await runCli('tabbify', rotate('cert'), { ...options, stdin: 'line\n' });
  const rotated = await runCli('tabbify', rotate('anthropic_api_key'), { ...options, stdin: 'line\n' });
  expect(rotated.stdout).toContain('version 2. The value before is gone.');
  expect(asked.values).toEqual([VALUE, VALUE, '\0\u00ff\r\n', 'line\n', 'line']);
});

test.each([
  [['register', 'key', 'api-key', VALUE], 'never an argument'],
  [['register', 'key', 'api-key', VALUE, '--from-stdin'], 'never an argument'],
  [['rotate', 'key', VALUE], 'never an argument'],
  [['register', 'key', VALUE], 'none of the kinds'],
  [['register', 'key', 'api-key', '--value', VALUE], 'not repeated here'],
  [['register', 'key', 'api-key', `--value=${VALUE}`], 'not repeated here'],
  [['rotate', 'key', `--${VALUE}`], 'not repeated here'],
  [['delete', 'key', VALUE], 'not repeated here'],
  [[VALUE], 'not repeated here'],
  [['register', 'key'], "missing required argument 'kind'"],
  [['register', 'key', 'api-key'], 'no terminal to ask in'],
  [['rotate'], 'neither a secret nor --master-key'],
  [['rotate', 'key', '--master-key'], 'were given'],
  [['delete', 'key'], 'say yes'],
])('%o is refused without being repeated', async (argv, why) => {
  await using folder = await temporaryFolder();
  const asked = nothing();
  await using node = await secretNode(asked);
  for (const json of [[], ['--json']]) {
    const refused = await runCli('tabbify', ['secrets', ...argv, ...json], {
      ...{ cwd: folder.path, env: node.env, stdin: 'something\n' },
    });
    expect(refused.code).toBe(2);
    expect(refused.stdout).toBe('');
    expect(refused.stderr).toContain(why);
    expect(refused.stderr).not.toContain(VALUE);
  }
  expect(asked).toEqual(nothing());
});

test('list, delete and the master key say what there is to do, in words and in JSON', async () => {
  await using folder = await temporaryFolder();
  const asked = nothing();
  await using node = await secretNode(asked);
  const run = (...argv: string[]) =>
    runCli('tabbify', ['secrets', ...argv], { cwd: folder.path, env: node.env });
  const { stdout } = await run('list');
  expect(stdout).toMatch(/NAME +KIND +VERSION/);
  expect(stdout).toMatch(/cert +file.*damaged/);
  expect((await run('list', '--json')).json()).toMatchObject({
    secrets: [{ name: 'anthropic_api_key' }, {}],
  });
  expect((await run('delete', 'platform/model', '--yes')).stdout).toBe('Deleted platform/model.\n');
  expect((await run('delete', 'nothing', '--yes')).code).toBe(1);
  expect(asked.deleted).toEqual(['platform/model', 'nothing']);
  expect((await run('rotate', '--master-key')).stdout).toContain('All 3 secrets are under it');
});

test('audit shows who did what, and says with exit code 1 that it was touched', async () => {
  await using folder = await temporaryFolder();
  await using whole = await secretNode(nothing());
  await using touched = await secretNode(nothing(), { line: 7, why: 'it was changed' });
  const run = (node: StubNode, ...argv: string[]) =>
    runCli('tabbify', ['secrets', 'audit', ...argv], { cwd: folder.path, env: node.env });
  expect((await run(whole)).stdout).toMatch(/supervisor:local +revealed +key v2 +start of shop/);
  expect(await run(whole, '--verify')).toMatchObject({ code: 0, stdout: 'The audit is whole: 6 lines.\n' });
  const found = await run(touched, '--verify');
  expect([found.code, found.stdout]).toEqual([1, expect.stringContaining('Line 7 of the audit')]);
  expect((await run(touched, '--verify', '--json')).json()).toMatchObject({ broken: { line: 7 } });
});

test('on a terminal the value is typed unseen, and nothing is registered by who leaves', async () => {
  await using folder = await temporaryFolder();
  const asked = nothing();
  await using node = await secretNode(asked);
  const open = () =>
    openTerminal('tabbify', ['secrets', 'register', 'key', 'api-key'], { cwd: folder.path, env: node.env });
  {
    await using terminal = open();
    await terminal.shows('Value of key');
    terminal.type(KEYS.interrupt);
    expect(await terminal.ended()).toBe(0);
    expect(terminal.text()).toContain('Nothing was registered.');
    expect(asked.values).toEqual([]);
  }
  await using terminal = open();
  await terminal.shows('Value of key');
  terminal.type(VALUE);
  terminal.type(KEYS.enter);
  expect(await terminal.ended()).toBe(0);
  expect(asked.values).toEqual([VALUE]);
  expect(terminal.text()).not.toContain(VALUE);
});
