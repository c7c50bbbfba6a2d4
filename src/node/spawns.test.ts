import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builderDigest } from '../builder/index.ts';
import { newId } from '../kit/index.ts';
import { domainEvent } from '../state/index.ts';
import { manifest, TINY } from './testing/apps.ts';
import { type FakeSupervisor, joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';
import { issue, openOffice } from './testing/tokens.ts';

let node: RunningNode;
let host: FakeSupervisor;
let other: FakeSupervisor;
beforeAll(async () => {
  node = await startTestNode();
  const app = (_: unknown, response: { end(text: string): unknown }) => response.end('hello');
  host = await joinFakeSupervisor(node, app);
  other = await joinFakeSupervisor(node, app, { name: 'other' });
  const text = manifest(TINY, 'tiny', '[[deploy]]\nsupervisor = "local"\n');
  const { json } = await node.push(TINY, { 'tabbify.toml': text, 'app.wasm': new Uint8Array([0]) });
  expect(json.version).toBe(1);
});
afterAll(async () => {
  await host.close();
  await other.close();
  await node.close();
});

/** Until the host was told, without an artifact that could be built: what is built is another's test. */
async function deployed(): Promise<void> {
  const { json: version } = await node.call(`/v1/apps/${TINY}/versions/1`);
  const built = {
    ...{ app: TINY, version: 1, version_digest: version.digest, kind: 'wasm-http' as const, build_ms: 1 },
    ...{ builder_digest: await builderDigest('wasm-http'), digest: 'ab'.repeat(32), prefix: 'artifacts/a' },
  };
  await node.log.append(domainEvent('artifact_built', built, { actor: 'system', source: '/node' }));
  const { json } = await node.call(`/v1/apps/${TINY}/deploy`, { method: 'POST', json: {} });
  await host.assigned(TINY, 1);
  await host.say('assignment_applied', { app: TINY, generation: 1, outcome: 'idle' });
  await node.call(`/v1/deployments/${json.deployment_id}/stream`);
}

const spawn = (change: object = {}, token: string | null = host.credential) =>
  node.call('/v1/spawns', { method: 'POST', token, json: { app: TINY, spawn_id: newId(), ...change } });

test('the supervisor that an app is placed on is told whose it is and what it is given', async () => {
  await deployed();
  const answer = await spawn({ generation: 1 });
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
  expect(answer.json).toEqual({
    ...{ supervisor: 'local', actor: 'supervisor:local', office: 'default', app: TINY },
    ...{ version: 1, generation: 1, environment: 'production', secrets: [] },
  });
});

test('an id is good once, for a minute, and only if it says when it was made', async () => {
  const spawn_id = newId();
  const both = await Promise.all([spawn({ spawn_id }), spawn({ spawn_id })]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect((await spawn({ spawn_id })).json.code).toBe('spawn_used');
  const old = '019ac0de-0000-7000-8000-000000000001';
  for (const id of [old, randomUUID(), 'one', ''])
    expect((await spawn({ spawn_id: id })).json.code).toBe('spawn_outdated');
});

test('another supervisor, an old or a coming generation and an app that is none are refused, and use no id up', async () => {
  const spawn_id = newId();
  const refusals = [
    await spawn({ spawn_id }, other.credential),
    await spawn({ spawn_id, generation: 0 }),
    await spawn({ spawn_id, generation: 2 }),
    await spawn({ spawn_id, app: randomUUID() }),
  ];
  expect(refusals.map(({ status, json }) => [status, json.code])).toEqual(
    refusals.map(() => [403, 'spawn_refused']),
  );
  expect((await spawn({ spawn_id })).status).toBe(200);
});

test('nobody but a supervisor is answered: no person, agent or app, not even the machine’s owner', async () => {
  const boss = await openOffice(node, 'acme');
  const { token: agent } = await issue(node, { name: 'agent', kind: 'agent', scopes: ['read', 'deploy'] });
  const { token: app } = await issue(node, { name: TINY, kind: 'app', scopes: ['read', 'data'] });
  for (const token of [node.token, boss, agent, app])
    expect((await spawn({}, token)).json).toMatchObject({ status: 403, code: 'not_allowed' });
  for (const token of [null, 'nobody'])
    expect((await spawn({}, token)).json).toMatchObject({ status: 401, code: 'credential_missing' });
  expect(
    (await node.call('/v1/secrets/resolve', { method: 'POST', token: host.credential, json: {} })).status,
  ).toBe(404);
});

test('a stopped app may be woken, a purged one is gone', async () => {
  await node.call(`/v1/apps/${TINY}/stop`, { method: 'POST' });
  expect((await spawn()).status).toBe(200);
  await node.call(`/v1/apps/${TINY}/purge`, { method: 'POST' });
  const { json } = await node.call('/v1/supervisors/local/desired', { token: host.credential });
  const purge_position = json.assignments.find((each: { app: string }) => each.app === TINY)?.purge_position;
  await host.say('app_purged', { app: TINY, generation: 1, purge_position });
  expect((await spawn()).json.code).toBe('spawn_refused');
});
