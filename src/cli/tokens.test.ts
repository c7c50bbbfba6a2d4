import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { runCli } from './testing/run-cli.ts';
import { json, problem, type StubNode, stubNode } from './testing/stub-node.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const ID = '0191e7c2-1111-7222-8333-444455556666';
const OTHER_ID = '0191e7c2-0000-7000-8000-000000000001';
const TOKEN = `tbf_${'A'.repeat(43)}`;
const ROW = {
  ...{ id: ID, kind: 'person', name: 'ci', role: 'developer', scopes: ['read', 'deploy', 'data'] },
  ...{ created_at: '2026-01-01T00:00:00Z', created_by: 'user:owner', state: 'active' },
  expires_at: '2099-06-01T12:00:00Z',
};

interface Asked {
  body?: unknown;
  office?: string | undefined;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
}

/** A node that knows tokens and offices, and notes what it was asked. */
async function tokenNode(asked: Asked, replaced: unknown = null): Promise<StubNode> {
  return stubNode({
    'POST /v1/tokens': async (request, response) => {
      asked.body = await bodyOf(request);
      asked.office = request.headers['tabbify-office'] as string | undefined;
      json(response, 201, { ...ROW, token: TOKEN, replaced });
    },
    'GET /v1/tokens': (request, response) => {
      asked.office = request.headers['tabbify-office'] as string | undefined;
      const scopes = ['events:append:tenant_default.code'];
      const agent = { ...ROW, id: OTHER_ID, kind: 'agent', name: 'ci', role: null, scopes };
      const own = { ...ROW, id: OTHER_ID, name: 'anna', state: 'expired', expires_at: null };
      json(response, 200, { tokens: [ROW, agent, own], next_cursor: null });
    },
    [`DELETE /v1/tokens/${ID}`]: (_request, response) =>
      json(response, 200, {
        id: ID,
        state: 'revoked',
        warnings: ['this was the credential that you asked with'],
      }),
    [`DELETE /v1/tokens/${OTHER_ID}`]: (_request, response) =>
      json(response, 200, { id: OTHER_ID, state: 'revoked', warnings: [] }),
    'GET /v1/offices': (_request, response) =>
      json(response, 200, {
        offices: [
          {
            slug: 'bakery',
            name: 'Hugo\u001b[2J',
            created_at: '2026-01-01T00:00:00Z',
            created_by: 'user:owner',
          },
          { slug: 'default', name: 'default', created_at: null, created_by: 'system' },
        ],
        next_cursor: null,
      }),
    'POST /v1/offices': async (request, response) => {
      asked.body = await bodyOf(request);
      json(response, 201, { slug: 'bakery', name: 'Hugo', created_at: 'now', created_by: 'user:owner' });
    },
    'GET /v1/apps': (request, response) => {
      asked.office = request.headers['tabbify-office'] as string | undefined;
      if (asked.office === 'nowhere')
        return problem(response, 404, 'Unknown office', 'There is no office "nowhere"');
      json(response, 200, { apps: [] });
    },
  });
}

test('tokens create gives the token alone to a pipe, and the notes to stderr', async () => {
  await using folder = await temporaryFolder();
  const asked: Asked = {};
  await using node = await tokenNode(asked);
  const options = { cwd: folder.path, env: node.env };
  const made = await runCli('tabbify', ['tokens', 'create', 'ci', '--role', 'developer'], options);
  expect(made).toMatchObject({ code: 0, stdout: `${TOKEN}\n` });
  expect(made.stderr).toContain('token of person ci (developer), good until 2099-06-01');
  expect(made.stderr).not.toContain(TOKEN);
  expect(asked.body).toEqual({ name: 'ci', role: 'developer' });
  expect(asked.office).toBeUndefined();
  const all = [
    '--kind',
    'agent',
    '--scope',
    'read',
    'events:append:tenant_default.code',
    '--expires',
    'never',
  ];
  await runCli('tabbify', ['tokens', 'create', 'ci', ...all, '--replace'], options);
  expect(asked.body).toEqual({
    ...{ name: 'ci', kind: 'agent', scopes: ['read', 'events:append:tenant_default.code'] },
    ...{ expires_in_days: null, replace: true },
  });
  const asJson = await runCli(
    'tabbify',
    ['tokens', 'create', 'ci', '--role', 'viewer', '--expires', '0.5', '--json'],
    options,
  );
  expect(asJson.json()).toMatchObject({ token: TOKEN, id: ID });
  expect(asJson.stderr).toBe('');
  expect(asked.body).toMatchObject({ expires_in_days: 0.5 });
});

test('a token that was replaced is named', async () => {
  await using folder = await temporaryFolder();
  await using node = await tokenNode({}, { ...ROW, created_at: '2025-12-31T12:00:00Z' });
  const { stderr } = await runCli('tabbify', ['tokens', 'create', 'ci', '--role', 'viewer', '--replace'], {
    cwd: folder.path,
    env: node.env,
  });
  expect(stderr).toContain('The one that ci had, issued 2025-12-31');
});

test.each([
  [['tokens'], 'it needs one of: create, list, revoke'],
  [['tokens', 'frob'], "unknown command 'frob'"],
  [['tokens', 'create'], "missing required argument 'name'"],
  [['tokens', 'create', 'ci'], 'it would allow nothing'],
  [['tokens', 'create', 'ci', '--role', 'viewer', '--scope', 'read'], 'it has a role and scopes'],
  [['tokens', 'create', 'ci', '--role', 'viewer', '--expires', 'soon'], 'a number of days'],
  [['office'], 'it needs one of: create, list'],
  [['up', '--office', 'bakery'], "unknown option '--office'"],
])('tabbify %j is wrong usage', async (argv, why) => {
  const { code, stdout, stderr } = await runCli('tabbify', argv, { cwd: '/nonexistent' });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^error {2}.+\nwhy {4}.+\nto do {2}.+/);
  expect(stderr).toContain(why);
});

test('tokens list is a table without secrets; revoke takes a name where only one has it', async () => {
  await using folder = await temporaryFolder();
  await using node = await tokenNode({});
  const options = { cwd: folder.path, env: node.env };
  const { stdout } = await runCli('tabbify', ['tokens', 'list'], options);
  const lines = stdout.trim().split('\n');
  expect(lines[0]).toMatch(/^NAME +KIND +STATE +EXPIRES +ID +MAY$/);
  expect(lines[1]).toMatch(new RegExp(`^ci +person +active +2099-06-01 .* ${ID} +developer$`));
  expect(lines[2]).toMatch(/events:append:tenant_default\.code$/);
  expect(lines[3]).toMatch(/^anna +person +expired +never/);
  const listed = await runCli('tabbify', ['tokens', 'list', '--json'], options);
  expect((listed.json().tokens as unknown[]).length).toBe(3);
  const byName = await runCli('tabbify', ['tokens', 'revoke', 'anna'], options);
  expect(byName).toMatchObject({ code: 0, stdout: 'Revoked anna.\n', stderr: '' });
  const byId = await runCli('tabbify', ['tokens', 'revoke', ID], options);
  expect(byId).toMatchObject({ code: 0, stderr: expect.stringContaining('note: this was the credential') });
  const several = await runCli('tabbify', ['tokens', 'revoke', 'ci'], options);
  expect(several).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`person ${ID}, agent ${OTHER_ID}`),
  });
  const none = await runCli('tabbify', ['tokens', 'revoke', 'bert'], options);
  expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no token named bert') });
});

test('office create and list', async () => {
  await using folder = await temporaryFolder();
  const asked: Asked = {};
  await using node = await tokenNode(asked);
  const options = { cwd: folder.path, env: node.env };
  const made = await runCli('tabbify', ['office', 'create', 'Hugo', '--slug', 'bakery'], options);
  expect(made.stdout).toContain('Made the office bakery.');
  expect(made.stdout).toContain('tabbify tokens create <name> --role owner --office bakery');
  expect(asked.body).toEqual({ name: 'Hugo', slug: 'bakery' });
  const list = await runCli('tabbify', ['office', 'list'], options);
  expect(list.stdout).toMatch(
    /^SLUG +NAME +MADE BY\nbakery +Hugo\\x1b\[2J +owner\ndefault +default +there from the beginning\n$/,
  );
});

test('--office and TABBIFY_OFFICE pick the office that a command asks; the flag wins', async () => {
  await using folder = await temporaryFolder();
  const asked: Asked = {};
  await using node = await tokenNode(asked);
  const run = (argv: string[], env: Record<string, string> = {}) =>
    runCli('tabbify', argv, { cwd: folder.path, env: { ...node.env, ...env } });
  await run(['apps', '--office', 'bakery']);
  expect(asked.office).toBe('bakery');
  await run(['apps'], { TABBIFY_OFFICE: 'forge' });
  expect(asked.office).toBe('forge');
  await run(['tokens', 'list', '--office', 'bakery'], { TABBIFY_OFFICE: 'forge' });
  expect(asked.office).toBe('bakery');
  await run(['apps']);
  expect(asked.office).toBeUndefined();
  expect(await run(['apps', '--office', 'nowhere'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Unknown office'),
  });
});

test('every command that asks the node takes --office, and those that do not, do not', async () => {
  const helpOf = async (program: 'tcli' | 'tabbify', name: string) =>
    (await runCli(program, [...name.split(' '), '--help'], { cwd: '/' })).stdout;
  for (const name of ['status', 'chat', 'apps', 'events', 'logs', 'tokens list', 'office list'])
    expect([name, await helpOf('tabbify', name)]).toEqual([name, expect.stringContaining('--office <slug>')]);
  expect(await helpOf('tcli', 'push')).toContain('--office <slug>');
  for (const name of ['up', 'down', 'node', 'gateway', 'supervisor'])
    expect([name, await helpOf('tabbify', name)]).toEqual([name, expect.not.stringContaining('--office')]);
});

test.each([
  [['--role', 'chef'], '--role chef cannot be used'],
  [['--kind', 'alien', '--role', 'viewer'], '--kind alien cannot be used'],
])('tokens create %j is wrong usage, and is told what there is', async (argv, text) => {
  const { code, stderr } = await runCli('tabbify', ['tokens', 'create', 'x', ...argv], { cwd: '/' });
  expect([code, stderr]).toEqual([2, expect.stringContaining(text)]);
  expect(stderr).toContain('it must be one of');
});
