import { afterEach, beforeEach, expect, test } from 'vitest';
import { newId } from '../kit/index.ts';
import type { AppendOptions, EventDraft, SealedLog } from '../log/index.ts';
import { newToken } from './credentials/token.ts';
import { OTHER, TINY } from './testing/apps.ts';
import { placeApp } from './testing/placed-app.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';
import { issue, openOffice } from './testing/tokens.ts';

let node: RunningNode;
let log: SealedLog;
/** What becomes of appends of refusals; undefined: they are appended. */
let disk: (() => Promise<never>) | undefined;

beforeEach(async () => {
  disk = undefined;
  node = await startTestNode({
    between(opened) {
      log = opened;
      const append = (draft: EventDraft, options?: AppendOptions) =>
        draft.type === 'request_refused' && disk !== undefined ? disk() : opened.append(draft, options);
      return { ...opened, append };
    },
  });
});
afterEach(() => node.close());

const refused = async (count: number) => {
  await expect.poll(async () => (await node.events(['request_refused'])).length).toBe(count);
  return node.events(['request_refused']);
};
const unknownApp = '00000000-0000-7000-8000-000000000000';

test('what the API refuses a known actor is written down in his office, by the template of the route', async () => {
  const boss = await openOffice(node, 'bakery');
  const { token, id } = await issue(node, { name: 'anna', role: 'viewer' }, 'bakery');
  const calls: [string, string, unknown, number][] = [
    ['GET', '/v1/tokens?limit=7', undefined, 403],
    ['POST', `/v1/apps/${TINY}/deploy`, {}, 403],
    ['DELETE', `/v1/tokens/${id}`, undefined, 403],
  ];
  for (const [method, path, json, status] of calls) {
    const answer = await node.call(path, { method, token, ...(json === undefined ? {} : { json }) });
    expect([path, answer.status]).toEqual([path, status]);
  }
  const events = await refused(3);
  expect(events.map(({ data }) => data)).toEqual(
    ['GET /v1/tokens', 'POST /v1/apps/{uuid}/deploy', 'DELETE /v1/tokens/{id}'].map((call) => {
      const [method, route] = call.split(' ');
      return { credential_id: id, method, route, status: 403, code: 'not_allowed', suppressed: 0 };
    }),
  );
  for (const event of events) {
    expect(event).toMatchObject({
      class: 'traffic',
      actor: 'user:anna',
      tenant: 'bakery',
      segment: 'tenant_bakery.audit',
      subject: `credential/${id}`,
    });
    expect(JSON.stringify(event)).not.toContain(TINY);
  }
  const seen = await node.call('/v1/events?type=request_refused', { token: boss });
  expect(seen.json.events).toHaveLength(3);
  expect((await node.call('/v1/events?type=request_refused')).json.events).toEqual([]);
});

test('a mutation that is refused for any reason is written down, a reading that finds nothing is not', async () => {
  const ask = async (method: string, path: string, json?: unknown, headers = {}) =>
    (await node.call(path, { method, headers, ...(json === undefined ? {} : { json }) })).status;
  expect(await ask('POST', `/v1/apps/${unknownApp}/start`)).toBe(404);
  expect(await ask('POST', '/v1/supervisors', { name: 'Not A Slug' })).toBe(400);
  expect(await ask('POST', '/v1/offices', { slug: 'default', name: 'Again' })).toBe(409);
  expect(await ask('POST', '/v1/supervisors', { name: 'x'.repeat(2 << 20) })).toBe(413);
  expect(await ask('POST', '/v1/supervisors', { name: 'x' }, { origin: 'https://evil.example' })).toBe(403);
  expect(await ask('GET', '/v1/apps', undefined, { 'tabbify-office': 'nowhere' })).toBe(404);
  expect(await ask('GET', `/v1/apps/${unknownApp}`)).toBe(404);
  expect(await ask('GET', '/v1/apps?limit=0')).toBe(400);
  expect(await ask('POST', '/v1/nothing/here', {})).toBe(404);
  expect(await ask('DELETE', '/v1/apps')).toBe(404);
  const events = await refused(5);
  expect(events.map(({ data }) => `${data.status} ${data.method} ${data.route} ${data.code}`)).toEqual([
    '404 POST /v1/apps/{uuid}/start app_unknown',
    '400 POST /v1/supervisors request_invalid',
    '409 POST /v1/offices name_taken',
    '413 POST /v1/supervisors body_too_large',
    '403 POST /v1/supervisors origin_foreign',
  ]);
});

test('who picks an office that is not his is written down in his own', async () => {
  const boss = await openOffice(node, 'bakery');
  const headers = { 'tabbify-office': 'default' };
  expect((await node.call('/v1/apps', { token: boss, headers })).status).toBe(403);
  const [event] = await refused(1);
  expect(event).toMatchObject({ tenant: 'bakery', data: { route: '/v1/apps', code: 'not_allowed' } });
});

test('the answer neither waits for the disk nor fails with it', async () => {
  const { token } = await issue(node, { name: 'anna', role: 'viewer' });
  const asked = () => node.call('/v1/tokens', { token });
  disk = () => Promise.reject(new Error('no space left on device'));
  for (let count = 0; count < 3; count += 1) expect((await asked()).status).toBe(403);
  const hanging = Promise.withResolvers<never>();
  disk = () => hanging.promise;
  for (let count = 0; count < 3; count += 1) expect((await asked()).status).toBe(403);
  expect(await node.events(['request_refused'])).toEqual([]);
  hanging.reject(new Error('no space left on device'));
  disk = undefined;
  expect((await asked()).status).toBe(403);
  const [event] = await refused(1);
  expect(event?.data.suppressed).toBe(6);
});

test('a thousand bad tokens move the log by nothing, and are counted', async () => {
  const before = (await node.call('/v1/log')).json;
  const knock = async () => {
    const answer = await node.call('/v1/apps', { method: 'GET', token: newToken() });
    expect(answer.status).toBe(401);
  };
  for (let round = 0; round < 50; round += 1) await Promise.all(Array.from({ length: 20 }, knock));
  for (const token of [null, 'nonsense', `tbf_${'A'.repeat(5000)}`]) {
    expect((await node.call('/v1/supervisors', { method: 'POST', token, json: {} })).status).toBe(401);
  }
  const after = (await node.call('/v1/log')).json;
  expect(after.head).toBe(before.head);
  expect(after.refused_unknown).toEqual({
    ...before.refused_unknown,
    credential_unknown: before.refused_unknown.credential_unknown + 1002,
    credential_absent: before.refused_unknown.credential_absent + 1,
  });
});

test('one who asks without end is written down ten times, and the rest is told of later', async () => {
  const { token } = await issue(node, { name: 'anna', role: 'viewer' });
  for (let count = 0; count < 40; count += 1) await node.call('/v1/tokens', { token });
  await refused(10);
});

test('a private app of another office: the known one is written down, the unknown one counted', async () => {
  await openOffice(node, 'bakery');
  const { token, id } = await issue(node, { name: 'anna', role: 'viewer' }, 'bakery');
  await placeApp(log, { app: TINY, slug: 'diary' });
  await placeApp(log, { app: OTHER, slug: 'diary', office: 'bakery' });
  await expect.poll(async () => (await node.call('/v1/apps')).json.apps.length).toBe(1);
  expect((await node.call(`/app/${TINY}/x?secret=1`, { token })).status).toBe(404);
  expect((await node.call(`/app/${TINY}/x`, { token: null })).status).toBe(401);
  expect((await node.call(`/app/${OTHER}/x`, { token: newToken() })).status).toBe(401);
  expect((await node.call(`/app/${newId()}/x`, { token: null })).status).toBe(404);
  const [event] = await refused(1);
  expect(event).toMatchObject({
    tenant: 'bakery',
    actor: 'user:anna',
    data: {
      credential_id: id,
      method: 'GET',
      route: '/app/{uuid}/{*rest}',
      status: 404,
      code: 'app_unknown',
      suppressed: 0,
    },
  });
  expect((await node.call('/v1/log')).json.refused_unknown.app_private).toBe(2);
});
