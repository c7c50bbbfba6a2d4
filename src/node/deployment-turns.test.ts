import { afterEach, beforeEach, expect, test } from 'vitest';
import { manifest, TINY, tinyApp } from './testing/apps.ts';
import { type FakeSupervisor, joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';

let node: RunningNode;
let supervisor: FakeSupervisor;
beforeEach(async () => {
  node = await startTestNode();
  supervisor = await joinFakeSupervisor(node, (_, response) => response.end('served'));
});
afterEach(async () => {
  await supervisor.close();
  await node.close();
});

const post = (verb: string, json: object = {}, headers = {}) =>
  node.call(`/v1/apps/${TINY}/${verb}`, { method: 'POST', json, headers });
const cancel = (id: string, headers = {}) =>
  node.call(`/v1/deployments/${id}`, { method: 'DELETE', headers });
const read = async (id: string) => (await node.call(`/v1/deployments/${id}`)).json;
const steps = async (id: string) => {
  const { text } = await node.call(`/v1/deployments/${id}/stream`);
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? ''));
};
const phases = async (id: string) => [...new Set((await steps(id)).map(({ phase }) => phase))];
const app = async () => (await node.call(`/v1/apps/${TINY}`)).json;

/** Deploys, and lets the host take it up. */
async function inPlace(generation: number, version: number, verb = 'deploy'): Promise<string> {
  const { json } = await post(verb, verb === 'deploy' ? { version } : {});
  await supervisor.assigned(TINY, generation);
  await supervisor.say('app_started', { app: TINY, version, generation, pid: 7, adopted: false });
  await supervisor.say('assignment_applied', { app: TINY, generation, outcome: 'running' });
  expect((await steps(json.deployment_id)).at(-1)).toMatchObject({ phase: 'switched' });
  return json.deployment_id;
}

async function pushTwo(): Promise<void> {
  await node.push(TINY, await tinyApp());
  await node.push(TINY, await tinyApp(TINY, 'tiny', '[env]\nTWO = "2"\n'));
}

test('the newest wins: what no host has heard of gives way to it, and says to which', async () => {
  await pushTwo();
  const [first, second, third] = [await post('deploy'), await post('deploy'), await post('deploy')].map(
    ({ json }) => json.deployment_id as string,
  );
  await supervisor.assigned(TINY, 1);
  for (const old of [first!, second!]) {
    expect((await steps(old)).at(-1)).toMatchObject({ phase: 'superseded', reason: expect.any(String) });
    expect((await read(old)).results).toEqual([]);
  }
  expect((await read(second!)).reason).toBe(`the newer deployment ${third} of version 2 takes its turn`);
  await supervisor.say('assignment_applied', { app: TINY, generation: 1, outcome: 'running' });
  expect(await phases(third!)).toEqual(expect.arrayContaining(['requested', 'starting', 'switched']));
  expect(await node.events(['app_assigned'])).toHaveLength(1);
});

test('called off before a host was told, nothing changes for the app, and a build under way is given up', async () => {
  await pushTwo();
  await inPlace(1, 1);
  const before = await app();
  const { json } = await post('deploy', { version: 2 });
  const off = await cancel(json.deployment_id, { 'idempotency-key': 'off' });
  expect([off.status, off.json.phase, off.json.reason]).toEqual([
    200,
    'cancelled',
    'called off by user:owner',
  ]);
  expect((await cancel(json.deployment_id, { 'idempotency-key': 'off' })).status).toBe(200);
  const again = await cancel(json.deployment_id);
  expect([again.status, again.json.code]).toEqual([409, 'deployment_ended']);
  expect(again.json.detail).toContain('it has ended as cancelled: called off by user:owner');
  await inPlace(2, 1); // the lane is free again, and what was called off was placed nowhere
  expect(await node.events(['app_assigned', 'deployment_failed'])).toHaveLength(2);
  expect(await app()).toMatchObject({ version: before.version, state: 'running' });
});

test('called off while its host starts it, the app is given back to the version before in a new generation', async () => {
  await pushTwo();
  const good = await inPlace(1, 1);
  const { json } = await post('deploy', { version: 2 });
  await supervisor.assigned(TINY, 2);
  expect(await app()).toMatchObject({ version: 1 });
  expect((await cancel(json.deployment_id)).json).toMatchObject({ phase: 'cancelled', stage: 'starting' });
  expect(await supervisor.assigned(TINY, 3)).toMatchObject({ version: 1, generation: 3 });
  expect((await node.events(['app_assigned'])).at(-1)?.data.deployment_id).toBe(good);
  const done = await cancel(good);
  expect([done.status, done.json.hint]).toEqual([409, 'Go back with `tabbify rollback <app>`']);
});

test('the first deployment of an app called off at its host leaves nothing there', async () => {
  await pushTwo();
  const { json } = await post('deploy');
  await supervisor.assigned(TINY, 1);
  expect((await cancel(json.deployment_id)).status).toBe(200);
  const asked = await node.events(['app_purge_requested']);
  expect(asked.map(({ data }) => data)).toEqual([{ app: TINY, supervisor: 'local', data: false }]);
});

test('what fails on its host makes room for what served, once, also over restarts', async () => {
  await pushTwo();
  await inPlace(1, 1);
  const { json } = await post('deploy', { version: 2 });
  await supervisor.assigned(TINY, 2);
  const failed = { stage: 'health', reason: 'it answered 500', log_tail: ['boom'] };
  await supervisor.say('assignment_failed', { app: TINY, generation: 2, ...failed });
  const end = { phase: 'failed', detail: 'health', reason: 'it answered 500', log_tail: ['boom'] };
  expect((await steps(json.deployment_id)).at(-1)).toEqual(end);
  expect(await supervisor.assigned(TINY, 3)).toMatchObject({ version: 1 });
  expect(await app()).toMatchObject({ version: 1, state: 'running' });
  await node.restart();
  await supervisor.announce();
  expect(await supervisor.assigned(TINY, 3)).toMatchObject({ version: 1, generation: 3 });
  expect(await node.events(['app_assigned'])).toHaveLength(3);
  expect(await phases(json.deployment_id)).toEqual([
    'requested',
    'building',
    'placing',
    'starting',
    'failed',
  ]);
  expect((await steps(json.deployment_id)).at(-1)).toEqual(end);
});

test('a rollback deploys the version that was in place before; there has to be one', async () => {
  await pushTwo();
  const none = await post('rollback');
  expect([none.status, none.json.code]).toEqual([409, 'rollback_impossible']);
  await inPlace(1, 1);
  expect((await post('rollback')).json.detail).toContain('no other was before it');
  await inPlace(2, 2);
  for (const [version, status, text] of [
    [2, 409, 'is in place already'],
    [9, 404, 'no version 9'],
  ] as const) {
    const answer = await post('rollback', { version });
    expect([answer.status, answer.json.detail]).toEqual([status, expect.stringContaining(text)]);
  }
  const key = { 'idempotency-key': 'back' };
  const [one, same] = [await post('rollback', {}, key), await post('rollback', {}, key)];
  expect([one.status, same.json]).toEqual([202, one.json]);
  expect(await supervisor.assigned(TINY, 3)).toMatchObject({ version: 1 });
  await supervisor.say('assignment_applied', { app: TINY, generation: 3, outcome: 'running' });
  expect((await steps(one.json.deployment_id)).at(-1)).toMatchObject({ phase: 'switched' });
  expect((await post('rollback', {}, key)).json).toEqual(one.json); // also when something else is in place now
  const { json } = await node.call(`/v1/apps/${TINY}/deployments?limit=2`);
  expect(json.deployments.map((each: { version: number }) => each.version)).toEqual([1, 2]);
  const rest = await node.call(`/v1/apps/${TINY}/deployments?limit=2&cursor=${json.next_cursor}`);
  expect([rest.json.deployments.length, rest.json.next_cursor]).toEqual([1, null]);
});

test('a rollback to what no host can run is refused before anything is appended', async () => {
  await pushTwo();
  await inPlace(1, 1);
  await inPlace(2, 2);
  await node.call('/v1/supervisors/local', {
    method: 'PUT',
    token: supervisor.credential,
    json: { url: 'http://127.0.0.1:1', tags: [], control_key: 'control-key-of-the-fake-supervisor-0123' },
  });
  const head = (await node.events()).length;
  for (const verb of ['rollback', 'deploy']) {
    const answer = await post(verb);
    expect([answer.status, answer.json.code]).toEqual([400, 'runtime_unavailable']);
  }
  expect((await node.events()).slice(head).filter(({ type }) => type !== 'request_refused')).toEqual([]);
  await node.push(TINY, { 'tabbify.toml': manifest(TINY, 'tiny', '[[deploy]]\nsupervisor = "moon"\n') });
  expect((await post('deploy')).json.code).toBe('supervisor_unknown');
});
