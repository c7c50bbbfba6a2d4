import { expect, test } from 'vitest';
import { runCli } from './testing/run-cli.ts';
import { appRow, eventStream, json, problem, type Route, stubNode } from './testing/stub-node.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const UUID = '0191e7c2-1111-7222-8333-444455556666';
const ID = '0191e7c2-aaaa-7222-8333-000000000001';

const row = (change: object = {}) => ({
  ...{ id: ID, app: UUID, version: 2, phase: 'switched', stage: null, reason: null },
  ...{ requested_at: '2026-11-21T10:00:00.000Z', finished_at: '2026-11-21T10:00:02.500Z' },
  ...{ requested_by: 'user:owner', results: [], log_tail: [] },
  ...change,
});

/** What was asked for, as the office got it. */
async function office(steps: readonly unknown[], more: Record<string, Route> = {}) {
  const bodies: unknown[] = [];
  const accept: Route = async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    bodies.push(JSON.parse(text));
    json(response, 202, { deployment_id: ID });
  };
  const node = await stubNode({
    'GET /v1/apps': (_request, response) =>
      json(response, 200, { apps: [appRow(UUID, 'shop')], next_cursor: null }),
    'GET /v1/apps/:id': (_request, response) => json(response, 200, appRow(UUID, 'shop')),
    'POST /v1/apps/:id/deploy': accept,
    'POST /v1/apps/:id/rollback': accept,
    'GET /v1/deployments/:id/stream': (_request, response) => eventStream(response, steps),
    ...more,
  });
  return { node, bodies };
}

test('deploy and rollback ask for a version or for none, say every phase, and end with where it answers', async () => {
  await using folder = await temporaryFolder();
  const steps = ['requested', 'building', 'placing', 'starting', 'healthy', 'switched'];
  const { node, bodies } = await office(steps.map((phase) => ({ phase })));
  await using _ = node;
  const run = (...argv: string[]) => runCli('tabbify', argv, { cwd: folder.path, env: node.env });
  const deployed = await run('deploy', 'shop', '--version', '3');
  expect([deployed.code, deployed.stdout]).toEqual([
    0,
    expect.stringContaining('http://shop.localhost:8090/'),
  ]);
  expect(deployed.stderr.split('\n').filter(Boolean)).toEqual([
    'Deploying shop',
    'Deployment requested',
    'Building',
    'Choosing a host',
    'Starting',
    'It answers',
    'Deployed',
  ]);
  const back = await run('rollback', 'shop', '--json');
  expect([back.code, back.json()]).toEqual([0, expect.objectContaining({ uuid: UUID, deployment_id: ID })]);
  expect(bodies).toEqual([{ version: 3 }, {}]);
  expect(node.requests).toContain(`POST /v1/apps/${UUID}/rollback`);
  expect(await run('deploy', 'shop', '--version', '0')).toMatchObject({ code: 2 });
});

test.each([
  [{ phase: 'failed', reason: 'it answered 500', log_tail: ['boom'] }, /it answered 500[\s\S]*boom/],
  [
    { phase: 'superseded', reason: 'the newer deployment x takes its turn' },
    /a newer deployment took its turn/,
  ],
  [{ phase: 'cancelled', reason: 'called off by user:dana' }, /called off by user:dana/],
])('a deployment that ends as %o is exit code 1 and says why', async (step, text) => {
  await using folder = await temporaryFolder();
  const { node } = await office([{ phase: 'requested' }, step]);
  await using _ = node;
  const { code, stderr } = await runCli('tabbify', ['deploy', 'shop'], { cwd: folder.path, env: node.env });
  expect([code, stderr]).toEqual([1, expect.stringMatching(text)]);
});

test('the list shows phase, version, when, how long, who and why; cancel calls one off or says why not', async () => {
  await using folder = await temporaryFolder();
  const failed = row({ phase: 'failed', version: 3, stage: 'health', reason: 'it answered 500' });
  const { node } = await office([], {
    'GET /v1/apps/:id/deployments': (_request, response) =>
      json(response, 200, { deployments: [failed, row(), row({ phase: 'building', finished_at: null })] }),
    [`DELETE /v1/deployments/${ID}`]: (_request, response) =>
      json(response, 200, row({ phase: 'cancelled' })),
    'DELETE /v1/deployments/ended': (_request, response) =>
      problem(response, 409, 'Deployment has ended', 'version 2 is in place', 'Go back'),
  });
  await using _ = node;
  const run = (...argv: string[]) => runCli('tabbify', argv, { cwd: folder.path, env: node.env });
  const { code, stdout } = await run('deployments', 'shop');
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim());
  expect([code, lines[0]]).toEqual([0, expect.stringMatching(/^PHASE +VERSION +WHEN +TOOK +BY +ID +WHY$/)]);
  expect(lines[1]).toMatch(/^failed +3 +2026-\S+ \S+ +2\.5 s +user:owner +\S+ +health: it answered 500$/);
  expect(lines[3]).toMatch(/^building +2 .* - +user:owner/);
  expect((await run('deployments', 'shop', '--json')).json()).toMatchObject({
    deployments: [failed, {}, {}],
  });
  expect(await run('deployments', 'cancel', ID)).toMatchObject({
    code: 0,
    stdout: 'Called off the deployment of version 2.\n',
  });
  const ended = await run('deployments', 'cancel', 'ended');
  expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('version 2 is in place')]);
});
