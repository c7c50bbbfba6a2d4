import { afterEach, beforeEach, expect, test } from 'vitest';
import { OTHER, TINY } from './testing/apps.ts';
import { type FakeSupervisor, joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { placeApp } from './testing/placed-app.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';
import { issue } from './testing/tokens.ts';

let node: RunningNode;
let supervisor: FakeSupervisor;
beforeEach(async () => {
  node = await startTestNode();
  supervisor = await joinFakeSupervisor(node, (_request, response) => response.end());
});
afterEach(async () => {
  await supervisor.close();
  await node.close();
});

const join = (json: unknown, headers: Record<string, string> = {}) =>
  node.call('/v1/supervisors', { method: 'POST', json, headers });
const desired = async (token: string) => (await node.call('/v1/supervisors/local/desired', { token })).status;

test('a known name is refused, and its credential goes on', async () => {
  for (const body of [
    { name: 'local' },
    { name: 'local', replace: false },
    { name: 'local', replace: 'if_away' },
  ]) {
    const refused = await join(body);
    expect(refused.json).toMatchObject({ status: 409, code: 'supervisor_known', hint: expect.any(String) });
    expect(refused.text).not.toContain('tbf_');
  }
  expect(await desired(supervisor.credential)).toBe(200);
});

test('one that is away is replaced by its own start, one that is there only on purpose', async () => {
  await node.restart(); // nobody has announced himself yet
  const own = await join({ name: 'local', replace: 'if_away' });
  expect(own.status).toBe(201);
  expect(await desired(supervisor.credential)).toBe(401);
  expect(await desired(own.json.credential)).toBe(200);
  const presence = { url: 'http://127.0.0.1:1', tags: ['wasm-http'], control_key: 'k'.repeat(32) };
  const token = own.json.credential;
  expect((await node.call('/v1/supervisors/local', { method: 'PUT', token, json: presence })).status).toBe(
    204,
  );
  expect((await join({ name: 'local', replace: 'if_away' })).status).toBe(409);
  const onPurpose = await join({ name: 'local', replace: true });
  expect(onPurpose.status).toBe(201);
  expect(await desired(token)).toBe(401);
  // whoever was there is known no more: the one that was let in may come back as if it were away
  expect((await node.call('/v1/supervisors')).json.supervisors).toMatchObject([
    { name: 'local', state: 'away' },
  ]);
});

test('of joins at once one wins, and a repeat under its key cannot be shown the credential', async () => {
  const answers = await Promise.all(Array.from({ length: 6 }, () => join({ name: 'second' })));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
  const headers = { 'idempotency-key': 'k' };
  expect((await join({ name: 'third' }, headers)).status).toBe(201);
  const again = await join({ name: 'third', replace: true }, headers);
  expect(again.json).toMatchObject({ status: 409, code: 'idempotency_conflict' });
});

test('what a host holds its apps to is shown as it says it, and not once it is away', async () => {
  const shown = async () => (await node.call('/v1/supervisors')).json.supervisors[0];
  expect(await shown()).toMatchObject({ state: 'present', runtimes: [] }); // one of the version before
  const lack = { why: 'no control group is delegated', hint: 'Delegate one.' };
  const runtimes = [
    { kind: 'wasm-http', isolation: 'wasm-bare', limits: { memory: 'enforced', cpu: 'unsupported' }, lack },
    { kind: 'orbit', isolation: 'moon', limits: { gravity: 'mostly' } }, // one of a version to come
  ];
  expect((await shown()).refused).toEqual([]);
  const refused = [{ kind: 'worker', why: 'bubblewrap is not installed', hint: 'Install it.' }];
  const announced = await node.call('/v1/supervisors/local', {
    method: 'PUT',
    token: supervisor.credential,
    json: { url: 'http://127.0.0.1:9', tags: ['wasm-http'], runtimes, refused, control_key: 'k'.repeat(32) },
  });
  expect(announced.status).toBe(204);
  expect(await shown()).toMatchObject({ state: 'present', tags: ['wasm-http'], runtimes, refused });
  await placeApp(node.log);
  const wallsOf = async (app: string) => (await node.call(`/v1/apps/${app}`)).json.walls;
  expect(await wallsOf(TINY)).toEqual([
    { supervisor: 'local', ...runtimes[0], stands_in_for: null }, // of its own runtime alone
  ]);
  await node.restart();
  expect(await shown()).toMatchObject({ state: 'away', tags: ['wasm-http'], runtimes: [], refused: [] });
  expect(await wallsOf(TINY)).toEqual([]);
});

test('a revoked supervisor is refused at once and may join again', async () => {
  const { tokens } = (await node.call('/v1/tokens')).json;
  const { id } = tokens.find(({ kind }: { kind: string }) => kind === 'supervisor');
  const revoked = await node.call(`/v1/tokens/${id}`, { method: 'DELETE' });
  expect(revoked.json.warnings).toEqual([expect.stringContaining("supervisor 'local'")]);
  expect(await desired(supervisor.credential)).toBe(401);
  expect((await join({ name: 'local', replace: 'if_away' })).status).toBe(201);
});

test('a supervisor speaks of the apps that are placed on it, and of no others', async () => {
  await placeApp(node.log);
  await placeApp(node.log, { app: OTHER, slug: 'elsewhere', supervisor: 'second' });
  const said = async (app: string) => {
    const one = await supervisor.say('app_stopped', { app, generation: 1, reason: 'idle' });
    const other = await supervisor.say('delivery_succeeded', {
      ...{ app, event_position: 1, event_type: 'X', attempts: 1 },
    });
    return [one.status, other.status];
  };
  expect(await said(TINY)).toEqual([201, 201]);
  expect(await said(OTHER)).toEqual([403, 403]);
  expect(await said('0191e7c2-0000-7000-8000-00000000dead')).toEqual([403, 403]);
  expect((await node.events(['app_stopped', 'delivery_succeeded'])).map(({ data }) => data.app)).toEqual([
    TINY,
    TINY,
  ]);
});

test('a person or an agent who is called like a host reads nothing of it', async () => {
  await placeApp(node.log, { app: OTHER, office: 'bakery', slug: 'bread' });
  const agent = await issue(node, { name: 'local', kind: 'agent', role: 'viewer' });
  const { events } = (await node.call('/v1/events?segment=platform.hosts.local', { token: agent.token }))
    .json;
  expect(events.map(({ type }: { type: string }) => type)).toEqual(['supervisor_joined']);
  expect(await desired(agent.token)).toBe(403);
});
