import type { RequestListener } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { manifest, OTHER, TINY, tinyApp } from './testing/apps.ts';
import { type FakeSupervisor, joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';

let node: RunningNode;
let supervisor: FakeSupervisor;
const app: RequestListener = (request, response) => response.end(`served ${request.url}`);
beforeEach(async () => {
  node = await startTestNode();
  supervisor = await joinFakeSupervisor(node, app);
});
afterEach(async () => {
  await supervisor.close();
  await node.close();
});

const deploy = (json: object = {}, headers = {}) =>
  node.call(`/v1/apps/${TINY}/deploy`, { method: 'POST', json, headers });
const steps = async (id: string) => {
  const { text } = await node.call(`/v1/deployments/${id}/stream`);
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? ''));
};

test('a deployment is built, placed, started, and then the app answers', async () => {
  await node.push(
    TINY,
    await tinyApp(TINY, 'tiny', '[env]\nMODE = "dark"\nKEY = "secret:key"\nTABBIFY_OFFICE = "mine"\n'),
  );
  const asked = await deploy();
  expect(asked.status).toBe(202);
  const id = asked.json.deployment_id;
  const told = steps(id);
  const assignment = await supervisor.assigned(TINY);
  expect(assignment).toMatchObject({
    name: 'tiny',
    version: 1,
    generation: 1,
    runtime: 'wasm-http',
    address: 'fd5a:1f02:44a5:240b:121a::1',
    pinned: false,
    stopped: false,
    stop_position: 0,
    env: {
      MODE: 'dark',
      TABBIFY_APP_ID: TINY,
      TABBIFY_APP_NAME: 'tiny',
      TABBIFY_OFFICE: 'default',
      TABBIFY_VERSION: '1',
      TABBIFY_ENVIRONMENT: 'production',
    },
  });
  expect(assignment.env).not.toHaveProperty('KEY');
  expect((await node.call(`/v1/deployments/${id}`)).json).toMatchObject({ phase: 'starting' });
  expect((await node.call(`/v1/apps/${TINY}`)).json).toMatchObject({ state: 'starting', version: 1 });
  await supervisor.say('assignment_applied', { app: TINY, generation: 1, outcome: 'idle' });
  const phases = (await told).map((step) => step.phase);
  expect([...new Set(phases)]).toEqual([
    'requested',
    'awaiting_approval', // it is to be public
    'approved',
    'building',
    'placing',
    'starting',
    'healthy',
    'switched',
  ]);
  expect((await node.call(`/v1/deployments/${id}`)).json).toMatchObject({
    phase: 'switched',
    results: [{ supervisor: 'local', runtime: 'wasm-http', success: true }],
  });
  expect((await node.call(`/v1/apps/${TINY}`)).json.state).toBe('idle');
  const served = await node.call(`/app/${TINY}/x`, { token: null });
  expect([served.status, served.text]).toEqual([200, 'served /x']);
  expect(supervisor.wakes).toEqual([TINY]);
  const story = (await node.events()).map(({ type }) => type);
  expect(story).toEqual([
    ...['credential_issued', 'credential_issued', 'supervisor_joined', 'app_registered', 'version_published'],
    ...[
      'deployment_requested',
      'approval_requested',
      'approval_granted',
      'deployment_build_started',
      'artifact_built',
      'deployment_placed',
      'app_assigned',
      'assignment_applied',
      'deployment_succeeded',
    ],
  ]);
});

test('a second deployment of the same version builds nothing and has the next generation', async () => {
  await node.push(TINY, await tinyApp());
  for (const generation of [1, 2]) {
    const { json } = await deploy({ version: 1 });
    await supervisor.assigned(TINY, generation);
    await supervisor.say('assignment_applied', { app: TINY, generation, outcome: 'running' });
    expect((await steps(json.deployment_id)).at(-1)).toMatchObject({ phase: 'switched' });
  }
  expect(await node.events(['artifact_built'])).toHaveLength(1);
});

test('an app that does not start fails its deployment with its own last words', async () => {
  await node.push(TINY, await tinyApp());
  const { json } = await deploy();
  await supervisor.assigned(TINY);
  const failure = { stage: 'health', reason: 'it answered 500', log_tail: ['boom at line 3'] };
  await supervisor.say('assignment_failed', { app: TINY, generation: 1, ...failure });
  expect((await steps(json.deployment_id)).at(-1)).toEqual({
    phase: 'failed',
    detail: 'health',
    reason: 'it answered 500',
    log_tail: ['boom at line 3'],
  });
  await node.restart();
  expect((await steps(json.deployment_id)).at(-1)).toMatchObject({
    phase: 'failed',
    reason: 'it answered 500',
  });
  expect((await node.call(`/v1/apps/${TINY}`)).json).toMatchObject({
    state: 'failed',
    last_error: 'it answered 500',
  });
});

test('a source that does not build fails its deployment and says why', async () => {
  await node.push(TINY, { ...(await tinyApp()), 'app.wasm': 'no component' });
  const { json } = await deploy();
  expect((await steps(json.deployment_id)).at(-1)).toMatchObject({ phase: 'failed', detail: 'building' });
});

test('a target that cannot run it is refused before anything happens', async () => {
  await node.push(TINY, await tinyApp(TINY, 'tiny', '[[deploy]]\nsupervisor = "moon"\n'));
  const unknown = await deploy();
  expect([unknown.status, unknown.json.code]).toEqual([400, 'supervisor_unknown']);
  expect(unknown.json.detail).toContain("'local'");
  await node.push(TINY, { 'tabbify.toml': manifest(TINY, 'tiny', '[runtime]\ntype = "firecracker"\n') });
  const unable = await deploy();
  expect([unable.status, unable.json.code]).toEqual([400, 'runtime_unavailable']);
  expect(unable.json.detail).toMatch(/'local'.*'firecracker'.*'wasm-http'/);
  expect((await deploy({ version: 9 })).status).toBe(404);
  expect(await node.events(['deployment_requested'])).toEqual([]);
});

test('a deployment that the node did not finish is taken up by the next one', async () => {
  await node.push(TINY, await tinyApp());
  const { json } = await deploy();
  await supervisor.assigned(TINY);
  await node.restart();
  await supervisor.announce();
  const told = steps(json.deployment_id);
  await supervisor.say('assignment_applied', { app: TINY, generation: 1, outcome: 'running' });
  expect((await told).at(-1)).toMatchObject({ phase: 'switched' });
  expect(await node.events(['app_assigned'])).toHaveLength(1);
});

test('a deployment that is cut off while it builds is built by the next node', async () => {
  await node.push(TINY, await tinyApp());
  const { json } = await deploy();
  await node.restart();
  await supervisor.announce();
  await supervisor.assigned(TINY);
  await supervisor.say('assignment_applied', { app: TINY, generation: 1, outcome: 'running' });
  expect((await steps(json.deployment_id)).at(-1)).toMatchObject({ phase: 'switched' });
  expect(await node.events(['artifact_built', 'app_assigned', 'deployment_succeeded'])).toHaveLength(3);
});

test('deployments of one app run one after the other once a host was told', async () => {
  await node.push(TINY, await tinyApp());
  const first = await deploy();
  await supervisor.assigned(TINY, 1);
  const second = await deploy();
  expect((await node.call(`/v1/deployments/${second?.json.deployment_id}`)).json.phase).toBe('requested');
  await supervisor.say('assignment_applied', { app: TINY, generation: 1, outcome: 'running' });
  await supervisor.assigned(TINY, 2);
  await supervisor.say('assignment_applied', { app: TINY, generation: 2, outcome: 'running' });
  for (const each of [first, second]) {
    expect((await steps(each?.json.deployment_id)).at(-1)).toMatchObject({ phase: 'switched' });
  }
});

test('a repeated request under one Idempotency-Key is one deployment', async () => {
  await node.push(TINY, await tinyApp());
  const key = { 'idempotency-key': 'deploy-1' };
  const answers = [await deploy({}, key), await deploy({}, key), await deploy({ version: 1 }, key)];
  expect(new Set(answers.map(({ json }) => json.deployment_id)).size).toBe(1);
  await node.push(TINY, await tinyApp());
  expect((await deploy({ version: 2 }, key)).json.code).toBe('idempotency_conflict');
  expect(await node.events(['deployment_requested'])).toHaveLength(1);
});

test('what is not deployed answers 503 and says what to do', async () => {
  await node.push(TINY, await tinyApp());
  const answer = await node.call(`/app/${TINY}/`);
  expect([answer.status, answer.json.code]).toEqual([503, 'app_not_ready']);
  expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
  expect((await node.call(`/app/${OTHER}/`)).status).toBe(404);
});

test('start pins, stop unpins, and the host hears of both', async () => {
  await node.push(TINY, await tinyApp());
  await deploy();
  await supervisor.assigned(TINY);
  await supervisor.say('assignment_applied', { app: TINY, generation: 1, outcome: 'idle' });
  const start = await node.call(`/v1/apps/${TINY}/start`, { method: 'POST' });
  expect([start.status, start.json.pinned]).toEqual([202, true]);
  expect(await supervisor.assigned(TINY)).toMatchObject({ pinned: true, stopped: false });
  const stop = await node.call(`/v1/apps/${TINY}/stop`, { method: 'POST' });
  expect([stop.status, stop.json.state]).toEqual([202, 'stopped']);
  expect(await supervisor.assigned(TINY)).toMatchObject({ pinned: false, stopped: true });
  const logs = await node.call(`/v1/apps/${TINY}/logs?lines=3`);
  expect(logs.text).toBe(`/v1/apps/${TINY}/logs?lines=3\nlast words\n`);
  const wrong = await node.call(`/v1/apps/${TINY}/logs?since=yesterday`);
  expect([wrong.status, wrong.json]).toEqual([
    400,
    expect.objectContaining({ code: 'query_invalid', detail: expect.stringContaining('since=yesterday') }),
  ]);
  expect(wrong.json.hint).toContain('since=2026-');
});

test('a supervisor’s refusal to start reaches the visitor with its time to wait', async () => {
  await node.push(TINY, await tinyApp());
  await deploy();
  await supervisor.assigned(TINY);
  await supervisor.say('assignment_applied', { app: TINY, generation: 1, outcome: 'idle' });
  supervisor.refuseWakes = true;
  const answer = await node.call(`/app/${TINY}/`);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '9']);
  expect(answer.json).toMatchObject({
    detail: expect.stringContaining('the module does not load'),
    hint: 'mend it',
  });
});

test('a new version that is private closes the app no earlier than it serves, and public opens it no earlier', async () => {
  const go = async (generation: number, version: number) => {
    await supervisor.assigned(TINY, generation);
    await supervisor.say('app_started', { app: TINY, version, generation, pid: 1, adopted: false });
    await supervisor.say('assignment_applied', { app: TINY, generation, outcome: 'running' });
  };
  const status = async () => (await node.call(`/app/${TINY}/`, { token: null })).status;
  const privateApp = await tinyApp();
  privateApp['tabbify.toml'] = privateApp['tabbify.toml'].replace('public', 'private');
  await node.push(TINY, privateApp);
  await deploy();
  await go(1, 1);
  expect(await status()).toBe(401);
  await node.push(TINY, await tinyApp());
  expect(await status()).toBe(401);
  await deploy();
  await supervisor.assigned(TINY, 2);
  expect(await status()).toBe(401); // assigned, but the private version still answers
  await go(2, 2);
  expect(await status()).toBe(200);
});
