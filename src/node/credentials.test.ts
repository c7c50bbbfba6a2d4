import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tokenHash } from './credentials/token.ts';
import { TINY } from './testing/apps.ts';
import { type FakeSupervisor, joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { placeApp } from './testing/placed-app.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';

let node: RunningNode;
let supervisor: FakeSupervisor | undefined;
beforeEach(async () => {
  node = await startTestNode();
});
afterEach(async () => {
  await supervisor?.close();
  supervisor = undefined;
  await node.close();
});

test('the first start makes an owner credential that only its file holds', async () => {
  const file = join(node.home, 'node.key');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, 'utf8')).toMatch(/^tbf_[A-Za-z0-9_-]{43}\n$/);
  const [issued] = await node.events(['credential_issued']);
  expect(issued?.data).toMatchObject({ kind: 'person', name: 'owner', token_sha256: tokenHash(node.token) });
  expect(JSON.stringify(issued)).not.toContain(node.token);
  expect((await node.call('/v1/apps')).status).toBe(200);
});

test.each([null, '', 'tbf_', 'tbf_short', `tbf_${'A'.repeat(43)}`, `tbf_${'A'.repeat(5000)}`])(
  'the token %j is refused',
  async (token) => {
    const answer = await node.call('/v1/apps', { token });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(answer.json).toMatchObject({ code: 'credential_missing', status: 401 });
  },
);

test('a lost key is replaced at the next start, and the old one ends', async () => {
  const before = node.token;
  await node.restart();
  expect(node.token).toBe(before);
  await rm(join(node.home, 'node.key'));
  await node.restart();
  expect(node.token).not.toBe(before);
  expect((await node.call('/v1/apps')).status).toBe(200);
  expect((await node.call('/v1/apps', { token: before })).status).toBe(401);
});

test('a supervisor reaches its own host and nothing else', async () => {
  supervisor = await joinFakeSupervisor(node, (_request, response) => response.end());
  const { credential: token } = supervisor;
  await node.call('/v1/supervisors', { method: 'POST', json: { name: 'other' } });
  const status = async (path: string, json?: unknown, method = json === undefined ? 'GET' : 'POST') =>
    (await node.call(path, { token, method, ...(json === undefined ? {} : { json }) })).status;
  expect(await status('/v1/supervisors/local/desired')).toBe(200);
  expect(await status('/v1/events?segment=platform.hosts.local')).toBe(200);
  for (const path of [
    '/v1/supervisors/other/desired',
    '/v1/events?segment=platform.hosts.other',
    '/v1/events?segment=platform.hosts.local&segment=tenant_default.members',
    '/v1/events/stream?segment=*',
    '/v1/apps',
    '/v1/supervisors',
  ]) {
    expect([path, await status(path)]).toEqual([path, 403]);
  }
  expect(await status('/v1/supervisors', { name: 'third' })).toBe(403);
  const unfiltered = await node.call('/v1/events', { token });
  expect(unfiltered.json.events.map((event: { segment: string }) => event.segment)).toEqual([
    'platform.hosts.local',
  ]);
});

test('a supervisor says observations of its own host, under its own name', async () => {
  supervisor = await joinFakeSupervisor(node, (_request, response) => response.end());
  await placeApp(node.log);
  const app = TINY;
  const data = { app, generation: 1, reason: 'idle' };
  const offer = (event: Record<string, unknown>) =>
    node.call('/v1/events', { method: 'POST', token: supervisor!.credential, json: { event } });
  const forged = {
    type: 'app_stopped',
    data,
    actor: 'user:owner',
    source: '/node',
    tenant: 'other',
    subject: 'app/forged',
    time: '1999-01-01T00:00:00Z',
  };
  expect((await offer(forged)).status).toBe(201);
  const [stored] = await node.events(['app_stopped']);
  expect(stored).toMatchObject({
    actor: 'supervisor:local',
    source: '/supervisors/local',
    tenant: 'default',
    segment: 'platform.hosts.local',
    subject: `app/${app}`,
  });
  expect(stored?.time).not.toMatch(/^1999/);
  expect((await offer({ ...forged, segment: 'platform.hosts.other' })).status).toBe(403);
  expect((await offer({ type: 'app_stopped', data: { app } })).status).toBe(400);
  for (const type of ['credential_issued', 'app_assigned', 'version_published', 'made_up']) {
    expect((await offer({ type, data: {} })).status).toBe(403);
  }
});
