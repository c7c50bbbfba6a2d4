import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { runCli } from './testing/run-cli.ts';
import { appRow, json, stubNode } from './testing/stub-node.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { KEYS, openTerminal } from './testing/terminal.ts';

const UUID = '0191e7c2-1111-7222-8333-444455556666';

/** What the app has stored: in use, left behind, and where nobody can say. */
const STORED = [
  { supervisor: 'here', current: true, environments: [{ environment: 'production', bytes: 1_500_000 }] },
  { supervisor: 'there', current: false, environments: [{ environment: 'production', bytes: 20 }] },
  { supervisor: 'off', current: false, environments: null },
];

async function office(changes: object = {}) {
  const asked: string[] = [];
  const bodies: unknown[] = [];
  const row = { ...appRow(UUID, 'hello'), ...changes };
  const actions = ['start', 'stop', 'restart', 'reset', 'purge'];
  const routes = actions.map((action) => [
    `POST /v1/apps/${UUID}/${action}`,
    async (request: IncomingMessage, response: Parameters<typeof json>[0]) => {
      asked.push(action);
      if (action === 'purge') bodies.push(JSON.parse(await text(request)));
      json(response, 202, row);
    },
  ]);
  const node = await stubNode({
    [`GET /v1/apps/${UUID}/data`]: (_request, response) => json(response, 200, { hosts: STORED }),
    'GET /v1/apps': (_request, response) => json(response, 200, { apps: [row] }),
    ...Object.fromEntries(routes),
  });
  return { node, asked, bodies };
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

test.each(['start', 'stop', 'restart', 'reset', 'purge'])(
  'what an agent wants is said to wait, and by which word it goes on: %s',
  async (action) => {
    await using folder = await temporaryFolder();
    const { node } = await office({ approval: '476fc2b2-0000-7000-8000-000000000001', waits: true });
    await using _ = node;
    const argv = action === 'purge' ? [action, 'hello', '--yes'] : [action, 'hello'];
    const { code, stdout } = await runCli('tabbify', argv, { cwd: folder.path, env: node.env });
    expect([code, stdout]).toEqual([
      0,
      `Asked to ${action} hello: it waits for a person's yes, and nothing is done before that.\n` +
        'Say yes: `tabbify approvals approve 476fc2b2-0000-7000-8000-000000000001`\n',
    ]);
  },
);

test('a purge wants a yes, and without a terminal says how to give it', async () => {
  await using folder = await temporaryFolder();
  const { node, bodies } = await office();
  await using _ = node;
  const options = { cwd: folder.path, env: node.env };
  for (const flags of ['', ' --data']) {
    const command = `purge hello${flags}`;
    const refused = await runCli('tabbify', command.split(' '), options);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`tabbify ${command} --yes`);
  }
  expect(bodies).toEqual([]);
  const kept = await runCli('tabbify', ['purge', 'hello', '--yes'], options);
  expect(kept.code).toBe(0);
  expect(kept.stdout).toContain(
    'What it has stored stays: production on here, 1.4 MB; production on there, 20 B, left behind. To remove that: `tabbify purge hello --data`.',
  );
  const gone = await runCli('tabbify', ['purge', 'hello', '--data', '--yes'], options);
  expect(gone.stdout).toBe('Asked to purge hello with all it has stored.\n');
  expect(bodies).toEqual([{ data: false }, { data: true }]);
});

test('on a terminal a person is told what goes for good, and only a yes removes it', async () => {
  await using folder = await temporaryFolder();
  const { node, bodies } = await office();
  await using _ = node;
  const purge = (...flags: string[]) =>
    openTerminal('tabbify', ['purge', 'hello', ...flags], { cwd: folder.path, env: node.env, columns: 100 });
  for (const key of [KEYS.enter, KEYS.endOfInput]) {
    await using terminal = purge('--data');
    await terminal.shows(/No\s/);
    const asked = terminal.text().replaceAll(/[\s│]+/g, ' ');
    expect(asked).toContain(
      'Stop hello and remove for good all that it has stored: production on here, 1.4 MB; production on there, 20 B, left behind; what is on off, which is away',
    );
    terminal.type(key);
    await terminal.shows('Nothing was purged.');
    expect(await terminal.ended()).toBe(0);
  }
  expect(bodies).toEqual([]);
  await using terminal = purge();
  await terminal.shows(/What it has\s+(│\s+)?stored stays/);
  terminal.type('y');
  expect(await terminal.ended()).toBe(0);
  expect(bodies).toEqual([{ data: false }]);
});

test('what is parked is shown as that, and whoever starts it is told what to do', async () => {
  await using folder = await temporaryFolder();
  const { node } = await office({ state: 'crashed', restart_status: 'parked', restart_count: 10 });
  await using _ = node;
  const options = { cwd: folder.path, env: node.env };
  expect((await runCli('tabbify', ['apps'], options)).stdout).toContain('crashed (parked, 10×)');
  expect((await runCli('tabbify', ['start', 'hello'], options)).stdout).toContain('tabbify reset hello');
});
