import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { runCli } from './testing/run-cli.ts';
import {
  appRow,
  deploymentRow,
  eventStream,
  json,
  problem,
  type Route,
  stubNode,
} from './testing/stub-node.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { KEYS, openTerminal } from './testing/terminal.ts';

const APP = '0191e7c2-1111-7222-8333-444455556666';
const DEPLOYMENT = '0191e7c2-2222-7222-8333-444455556666';
const ID = '476fc2b2-eba0-5802-814c-a0fb29fbd20c';
const ITEMS = [
  {
    ...{ change: 'added', capability: 'visibility:public', from: [], key: 'app.visibility', line: null },
    ...{ text: 'be public: anyone who reaches this machine can call it', risk: 'high' },
  },
  {
    ...{ change: 'widened', capability: 'http:*.stripe.com', from: ['http:api.stripe.com'], line: null },
    ...{ text: 'call *.stripe.com, every host below stripe.com', risk: 'high', key: 'capabilities' },
  },
  {
    ...{ change: 'removed', capability: 'http:old.example', from: [], line: null },
    ...{ text: 'call old.example\u001b[2J', risk: 'normal', key: 'capabilities' },
  },
];

/** An office in which a deployment waits for a yes, and goes on, or fails, when somebody has decided. */
async function officeThatAsks({ persons = 1, mayApprove = true, changes = 0, by = 'user:owner' } = {}) {
  const said: unknown[] = [];
  const approval = {
    ...{ id: ID, status: 'open', kind: 'deployment', app: APP, app_name: 'shop', version: 2, persons },
    ...{ digest: 'd'.repeat(64), deployment_id: DEPLOYMENT, command: null, items: ITEMS, once: false },
    ...{ difference: 'e'.repeat(64), reasons: ['it asks for more'], doubts: ['unknown key `x`'] },
    ...{ granted_by: [] as string[], denied_by: null as string | null, reason: '', policy: null },
    ...{ requested_by: by, requested_at: '2026-11-22T10:00:00Z' },
    ...{ expires_at: '2026-11-23T10:00:00Z', decided_at: null },
  };
  const deployment = () => {
    const held = { id: DEPLOYMENT, app: APP, approval: ID, results: [] };
    if (approval.status === 'open')
      return deploymentRow({ ...held, phase: 'awaiting_approval', finished_at: null });
    if (approval.status === 'granted') return deploymentRow({ ...held, phase: 'switched' });
    return deploymentRow({ ...held, phase: 'failed', stage: 'approval', reason: 'user:owner said no' });
  };
  const decide =
    (verb: 'approve' | 'deny'): Route =>
    async (request, response) => {
      const body = await bodyOf(request);
      if (!mayApprove) return problem(response, 403, 'Not allowed', 'it needs the scope `approve`');
      said.push({ verb, ...body });
      if (changes > 0) {
        changes -= 1;
        approval.difference = 'f'.repeat(64);
        const changed = { title: 'Something else was approved', status: 409, code: 'approval_changed' };
        response.writeHead(409, { 'content-type': 'application/problem+json' }).end(JSON.stringify(changed));
        return;
      }
      if (verb === 'deny') approval.status = 'denied';
      else {
        approval.granted_by = ['user:owner'];
        if (persons === 1) approval.status = 'granted';
      }
      json(response, 200, approval);
    };
  const node = await stubNode({
    [`POST /v1/apps/${APP}/deploy`]: (_request, response) =>
      json(response, 202, { deployment_id: DEPLOYMENT }),
    [`GET /v1/deployments/${DEPLOYMENT}/stream`]: (_request, response) => {
      const first = [{ phase: 'requested' }, { phase: 'awaiting_approval', approval: ID }];
      if (approval.status === 'open') eventStream(response, first, false);
      else eventStream(response, [...first, { phase: deployment().phase }]);
    },
    [`GET /v1/deployments/${DEPLOYMENT}`]: (_request, response) => json(response, 200, deployment()),
    'GET /v1/approvals': (_request, response, url) =>
      json(response, 200, {
        approvals: [undefined, approval.status].includes(url.searchParams.get('status') ?? undefined)
          ? [approval]
          : [],
        next_cursor: null,
      }),
    [`GET /v1/approvals/${ID}`]: (_request, response) => json(response, 200, approval),
    [`POST /v1/approvals/${ID}/approve`]: decide('approve'),
    [`POST /v1/approvals/${ID}/deny`]: decide('deny'),
    'GET /v1/apps': (_request, response) =>
      json(response, 200, {
        apps: [{ ...appRow(APP, 'shop'), approval: approval.status === 'open' ? ID : null }],
        next_cursor: null,
      }),
    [`GET /v1/apps/${APP}`]: (_request, response) => json(response, 200, appRow(APP, 'shop')),
    [`GET /v1/apps/${APP}/grants`]: (_request, response) =>
      json(response, 200, {
        grants: [
          {
            ...{ capability: 'http:api.stripe.com', text: 'call api.stripe.com', risk: 'normal', key: 'k' },
            ...{ deployment_id: null, beside_manifest: false, approval: ID, granted_by: ['user:owner'] },
            granted_at: '2026-11-22T10:00:00Z',
          },
        ],
      }),
    [`DELETE /v1/apps/${APP}/grants/http%3Aapi.stripe.com`]: (_request, response) =>
      void response.writeHead(204).end(),
    'GET /v1/policy': (_request, response) => json(response, 200, { policy: null, approval: null }),
    'PUT /v1/policy': async (request, response) => {
      said.push(await bodyOf(request));
      json(response, 202, { policy: '', approval: ID });
    },
  });
  return { node, said, [Symbol.asyncDispose]: () => node[Symbol.asyncDispose]() };
}

async function bodyOf(request: IncomingMessage): Promise<object> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
}

const YES = { verb: 'approve', difference: 'e'.repeat(64), digest: 'd'.repeat(64), once: false };

test('--approve shows the difference, says yes to exactly that, and follows on to the end', async () => {
  await using folder = await temporaryFolder();
  await using office = await officeThatAsks();
  const options = { cwd: folder.path, env: office.node.env };
  const { code, stdout } = await runCli('tabbify', ['deploy', 'shop', '--approve'], options);
  expect(stdout).toMatch(/new +high risk: be public: anyone/);
  expect(stdout).toMatch(
    /wider +high risk: call \*\.stripe\.com.*\n +http:api\.stripe\.com → http:\*\.stripe\.com/,
  );
  expect(stdout).toMatch(/given back +call old\.example\\x1b\[2J\n/);
  expect(stdout).toMatch(/not known +unknown key `x`/);
  expect(stdout).toContain('version 2 is in place');
  expect([code, office.said]).toEqual([0, [YES]]);
});

test('without a terminal it is left waiting: exit code 0, the command that goes on, and one object for machines', async () => {
  await using folder = await temporaryFolder();
  await using office = await officeThatAsks();
  const options = { cwd: folder.path, env: office.node.env };
  const people = await runCli('tabbify', ['deploy', 'shop'], options);
  expect(people.code).toBe(0);
  expect(people.stdout).toContain('version 2 waits for a yes');
  expect(people.stdout).toContain(`\`tabbify approvals approve ${ID}\``);
  const machine = await runCli('tabbify', ['deploy', 'shop', '--json'], options);
  expect(machine.json()).toMatchObject({ phase: 'awaiting_approval', approval: { id: ID }, version: 2 });
  expect([machine.code, office.said]).toEqual([0, []]);
});

test('one that needs another person, or a credential with the scope, is left waiting and says so', async () => {
  await using folder = await temporaryFolder();
  await using two = await officeThatAsks({ persons: 2 });
  const deploy = ['deploy', 'shop', '--approve'];
  const half = await runCli('tabbify', deploy, { cwd: folder.path, env: two.node.env });
  expect(half.code).toBe(0);
  expect(half.stdout).toContain('1 of 2 persons has said yes (user:owner); somebody else');
  await using closed = await officeThatAsks({ mayApprove: false });
  const none = await runCli('tabbify', deploy, { cwd: folder.path, env: closed.node.env });
  expect([none.code, closed.said]).toEqual([0, []]);
  expect(none.stdout).toContain('This credential cannot decide it: that needs the scope `approve`');
});

test('what changed meanwhile is read and shown anew before it is approved', async () => {
  await using folder = await temporaryFolder();
  await using office = await officeThatAsks({ changes: 1 });
  const options = { cwd: folder.path, env: office.node.env };
  const { code, stdout } = await runCli('tabbify', ['deploy', 'shop', '--approve'], options);
  expect(code).toBe(0);
  expect(stdout.match(/Version 2 of shop asks for/g)).toHaveLength(2);
  expect(office.said).toEqual([YES, { ...YES, difference: 'f'.repeat(64) }]);
});

test.each([
  ['y', 0, [YES], 'is in place'],
  ['o', 0, [{ ...YES, once: true }], 'is in place'],
  ['n', 1, [{ verb: 'deny', reason: '' }], 'it was not approved'],
  ['', 0, [], 'waits for a yes; what was in place before stays'],
] as const)(
  'at a terminal a person is asked, and %j is taken as it is meant',
  async (keys, code, said, shown) => {
    await using folder = await temporaryFolder();
    await using office = await officeThatAsks();
    await using terminal = openTerminal('tabbify', ['deploy', 'shop'], {
      cwd: folder.path,
      env: office.node.env,
    });
    await terminal.shows('Do you say yes?');
    terminal.type(`${keys}${KEYS.enter}`);
    expect(await terminal.ended(), terminal.text()).toBe(code);
    expect(terminal.text().replaceAll(/\s+/g, ' ')).toContain(shown);
    expect(office.said).toEqual(said);
  },
);

test('Ctrl-C at the question leaves it waiting', async () => {
  await using folder = await temporaryFolder();
  await using office = await officeThatAsks();
  const options = { cwd: folder.path, env: office.node.env };
  await using terminal = openTerminal('tabbify', ['deploy', 'shop'], options);
  await terminal.shows('Do you say yes?');
  terminal.type(KEYS.interrupt);
  expect(await terminal.ended()).toBe(0);
  expect(terminal.text()).toContain('waits for a yes');
  expect(office.said).toEqual([]);
});

test('approvals lists what waits, shows one by the beginning of its id, and approves or denies it', async () => {
  await using folder = await temporaryFolder();
  await using office = await officeThatAsks();
  const call = (...argv: string[]) =>
    runCli('tabbify', ['approvals', ...argv], { cwd: folder.path, env: office.node.env });
  expect((await call()).stdout).toMatch(/open +shop +version 2: 1 new, 1 wider, 1 given back, high risk/);
  expect((await call('show', '476f')).stdout).toMatch(/said yes +nobody so far, of 1 needed/);
  const unasked = await call('approve', '476f');
  expect([unasked.code, office.said]).toEqual([2, []]);
  expect(unasked.stderr).toContain(`tabbify approvals approve ${ID} --yes`);
  expect((await call('approve', '476f', '--yes', '--once')).stdout).toContain('Approved');
  expect(office.said).toEqual([{ ...YES, once: true }]);
  expect((await call()).stdout).toBe('Nothing waits for a yes.\n');
  expect((await call('--all')).stdout).toContain('granted');
  const unknown = await call('show', 'ffff');
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('no one approval ffff')]);
  expect((await call('deny', ID, '--reason', 'too much')).stdout).toBe('Denied.\n');
  expect(office.said.at(-1)).toEqual({ verb: 'deny', reason: 'too much' });
});

test('an app that asked by calling what it was denied is named so, in the list and alone', async () => {
  await using folder = await temporaryFolder();
  await using office = await officeThatAsks({ by: `app:${APP}` });
  for (const argv of [[], ['show', ID]]) {
    const options = { cwd: folder.path, env: office.node.env };
    expect((await runCli('tabbify', ['approvals', ...argv], options)).stdout).toContain('the app itself');
  }
});

test('apps says that something waits, with the next command', async () => {
  await using folder = await temporaryFolder();
  await using office = await officeThatAsks();
  const { stdout } = await runCli('tabbify', ['apps'], { cwd: folder.path, env: office.node.env });
  expect(stdout).toContain(`shop waits for a yes: \`tabbify approvals show ${ID}\``);
});

test('grants are listed with who gave them, and taken back', async () => {
  await using folder = await temporaryFolder();
  await using office = await officeThatAsks();
  const call = (...argv: string[]) =>
    runCli('tabbify', ['approvals', ...argv], { cwd: folder.path, env: office.node.env });
  expect((await call('grants', 'shop')).stdout).toMatch(
    /http:api\.stripe\.com +call api\.stripe\.com\n.* by user:owner/,
  );
  expect((await call('revoke', 'shop', 'http:api.stripe.com')).stdout).toContain('Taken back from shop');
  expect(office.node.requests.at(-1)).toBe(`DELETE /v1/apps/${APP}/grants/http%3Aapi.stripe.com`);
});

test('a policy is checked without asking the office, and one with errors is not sent', async () => {
  await using folder = await temporaryFolder();
  await using office = await officeThatAsks();
  const call = (...argv: string[]) =>
    runCli('tabbify', ['approvals', 'policy', ...argv], { cwd: folder.path, env: office.node.env });
  await folder.write({
    'good.toml': '[approvals]\npersons = 2\n',
    'bad.toml': '[approvals]\nperson = 2\n',
  });
  expect((await call('check', 'good.toml')).code).toBe(0);
  for (const what of ['check', 'set']) {
    const { code, stderr } = await call(what, 'bad.toml');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/office\.toml:2:1: error: .*person/)]);
  }
  expect(office.node.requests).toEqual([]);
  expect((await call('show')).stdout).toContain('no policy of its own');
  const set = await call('set', 'good.toml');
  expect(set.stdout).toContain(`It waits`);
  expect(set.stdout).toContain(`tabbify approvals approve ${ID}`);
  expect(office.said).toEqual([{ policy: '[approvals]\npersons = 2\n' }]);
});
