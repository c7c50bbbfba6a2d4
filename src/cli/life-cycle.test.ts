import { expect, test } from 'vitest';
import { runCli } from './testing/run-cli.ts';
import { appRow, json, stubNode } from './testing/stub-node.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const UUID = '0191e7c2-1111-7222-8333-444455556666';

async function office(changes: object = {}) {
  const asked: string[] = [];
  const row = { ...appRow(UUID, 'hello'), ...changes };
  const actions = ['start', 'stop', 'restart', 'reset', 'purge'];
  const routes = actions.map((action) => [
    `POST /v1/apps/${UUID}/${action}`,
    (_request: unknown, response: Parameters<typeof json>[0]) => {
      asked.push(action);
      json(response, 202, row);
    },
  ]);
  const node = await stubNode({
    'GET /v1/apps': (_request, response) => json(response, 200, { apps: [row] }),
    ...Object.fromEntries(routes),
  });
  return { node, asked };
}

test.each(['start', 'stop', 'restart', 'reset'])(
  '%s asks the office by the name of the app',
  async (action) => {
    await using folder = await temporaryFolder();
    const { node, asked } = await office();
    await using _ = node;
    const { code, stdout } = await runCli('tabbify', [action, 'hello'], { cwd: folder.path, env: node.env });
    expect([code, asked]).toEqual([0, [action]]);
    expect(stdout).toContain('hello');
  },
);

test('a purge wants a yes, and without a terminal says how to give it', async () => {
  await using folder = await temporaryFolder();
  const { node, asked } = await office();
  await using _ = node;
  const options = { cwd: folder.path, env: node.env };
  const refused = await runCli('tabbify', ['purge', 'hello'], options);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('tabbify purge hello --yes');
  expect(asked).toEqual([]);
  expect((await runCli('tabbify', ['purge', 'hello', '--yes'], options)).code).toBe(0);
  expect(asked).toEqual(['purge']);
});

test('what is parked is shown as that, and whoever starts it is told what to do', async () => {
  await using folder = await temporaryFolder();
  const { node } = await office({ state: 'crashed', restart_status: 'parked', restart_count: 10 });
  await using _ = node;
  const options = { cwd: folder.path, env: node.env };
  expect((await runCli('tabbify', ['apps'], options)).stdout).toContain('crashed (parked, 10×)');
  expect((await runCli('tabbify', ['start', 'hello'], options)).stdout).toContain('tabbify reset hello');
});
