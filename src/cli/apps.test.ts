import { expect, test } from 'vitest';
import { runCli } from './testing/run-cli.ts';
import { appRow, json, stubNode } from './testing/stub-node.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const UUID = '0191e7c2-1111-7222-8333-444455556666';

const on = (supervisor: string, change: object = {}) => ({
  ...{ supervisor, runtime: 'worker', version: 3, state: 'running', in_rotation: true },
  ...{ address: 'fd5a:1f02::1', pid: 1, restart_status: 'running', last_error: null },
  ...change,
});

async function office(instances: readonly object[]) {
  const folder = await temporaryFolder();
  const asked: string[] = [];
  const row = { ...appRow(UUID, 'shop'), instances };
  const node = await stubNode({
    'GET /v1/apps': (_request, response) => json(response, 200, { apps: [row], next_cursor: null }),
    'GET /v1/apps/:id/logs': (request, response) => {
      asked.push(request.url ?? '');
      response.end('a line\n');
    },
  });
  return {
    asked,
    run: (...argv: string[]) => runCli('tabbify', argv, { cwd: folder.path, env: node.env }),
    async [Symbol.asyncDispose]() {
      await node[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('an app that is the same on all its hosts is one line that names them', async () => {
  await using the = await office([on('berlin'), on('paris')]);
  const lines = (await the.run('apps')).stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/^shop +running +1 +wasm-http +berlin, paris +http/);
});

test('an app that differs between its hosts has a line for each, which says who gets no visitors', async () => {
  const paris = on('paris', {
    version: 2,
    state: 'failed',
    in_rotation: false,
    last_error: 'it answered 500',
  });
  await using the = await office([on('berlin'), paris]);
  const lines = (await the.run('apps')).stdout.trimEnd().split('\n');
  expect(lines.slice(2)).toEqual([
    expect.stringMatching(/^ +running +3 +worker +berlin$/),
    expect.stringMatching(/^ +failed +2 +worker +paris +gets no visitors$/),
  ]);
  const one = await the.run('apps', 'shop');
  expect(one.stdout).toMatch(/^ {2}paris +failed +2 +worker +none$/m);
  expect(one.stdout).toMatch(/^ {2}paris +it answered 500$/m);
  expect((await the.run('apps', 'shop', '--json')).json()).toMatchObject({ instances: [{}, paris] });
});

test('logs --on asks for the log of that host', async () => {
  await using the = await office([on('berlin'), on('paris')]);
  expect((await the.run('logs', 'shop', '--on', 'paris')).stdout).toBe('a line\n');
  await the.run('logs', 'shop');
  expect(the.asked.map((url) => new URL(url, 'http://stub').searchParams.get('supervisor'))).toEqual([
    'paris',
    null,
  ]);
});
