import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { derivedId } from '../kit/index.ts';
import { TINY } from './testing/apps.ts';
import { joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { placeApp } from './testing/placed-app.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';
import { issue } from './testing/tokens.ts';

/** What holders of credentials try who mean no good. */
let node: RunningNode;
beforeEach(async () => {
  node = await startTestNode();
});
afterEach(() => node.close());

const SEGMENT = 'tenant_default.orders';
const say = (event: object, token = node.token) =>
  node.call('/v1/events', {
    method: 'POST',
    token,
    json: { event: { type: 'OrderPlaced', segment: SEGMENT, data: {}, ...event } },
  });

/** Sends the head of a request and waits until the node has let it in; `end` sends the body. */
async function withoutBody(
  method: string,
  path: string,
  token: string,
  body: string,
): Promise<ClientRequest> {
  const slow = request(`${node.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      expect: '100-continue',
    },
  });
  slow.flushHeaders();
  await once(slow, 'continue');
  slow.write(body.slice(0, 1));
  return slow;
}

test('a body that comes in after its credential was revoked changes nothing', async () => {
  const bytes = 'canary bytes';
  const digest = `sha256:${await sha256(bytes)}`;
  const tries: [method: string, path: string, body: string][] = [
    ['POST', '/v1/events', JSON.stringify({ event: { type: 'Canary', segment: SEGMENT, data: {} } })],
    ['PUT', `/v1/blobs/${digest}`, bytes],
    ['POST', '/v1/tokens', JSON.stringify({ name: 'canary', role: 'viewer' })],
  ];
  const { token, id } = await issue(node, { name: 'second', role: 'owner' });
  const slow = await Promise.all(tries.map((each) => withoutBody(each[0], each[1], token, each[2])));
  // the guards have run for these when another request of the same credential was answered
  expect((await node.call('/v1/apps', { token })).status).toBe(200);
  expect((await node.call(`/v1/tokens/${id}`, { method: 'DELETE' })).status).toBe(200);
  const answers = slow.map(async (each, index) => {
    const answered = once(each, 'response');
    each.end(tries[index]?.[2].slice(1));
    const [response] = await answered;
    await text(response);
    return response.statusCode;
  });
  expect(await Promise.all(answers)).toEqual([401, 401, 401]);
  expect(JSON.stringify(await node.events())).not.toContain('anary');
  expect((await node.call(`/v1/blobs/${digest}`)).status).toBe(404);
});

async function sha256(content: string): Promise<string> {
  const { createHash } = await import('node:crypto');
  return createHash('sha256').update(content).digest('hex');
}

test('who administers the first office without owning the machine takes no host over, which serves all offices', async () => {
  const host = await joinFakeSupervisor(node, (_, response) => response.end());
  try {
    const { token } = await issue(node, { name: 'admin', scopes: ['read', 'deploy', 'data', 'admin'] });
    const take = { method: 'POST', token, json: { name: 'local', replace: true } };
    expect(await node.call('/v1/supervisors', take)).toMatchObject({
      status: 403,
      json: { code: 'not_allowed' },
    });
    expect((await host.announce()).status).toBe(204);
    const anew = await node.call('/v1/projections/rebuild', { method: 'POST', token });
    expect(anew.status).toBe(403);
  } finally {
    await host.close();
  }
});

test('data as deep as a stack is refused, and the search goes on', async () => {
  let data: object = {};
  for (let level = 0; level < 4_500; level++) data = { a: data };
  expect((await say({ data })).status).toBe(400);
  expect((await say({ data: { a: [{ b: 1 }] } })).status).toBe(201);
  const found = await node.call('/v1/events?q=orderplaced');
  expect([found.status, found.json.events]).toEqual([
    200,
    [expect.objectContaining({ type: 'OrderPlaced' })],
  ]);
});

test('a search with a NUL in it finds what its words find, and harms no other', async () => {
  expect((await say({ type: 'FirstOrder' })).status).toBe(201);
  for (const q of ['firstorder%00', '%00firstorder%00order', '"first%00order"', 'firstorder%00"']) {
    const found = await node.call(`/v1/events?q=${q}`);
    expect([q, found.status, found.json.events?.length]).toEqual([q, 200, 1]);
  }
});

test('what a schema is called holds nothing that would outlive the body', async () => {
  const canary = `tabbify:OrderPlaced/${'canary'.repeat(100)}/1`;
  expect((await say({ dataschema: canary })).status).toBe(400);
  expect((await say({ dataschema: 'tabbify:OrderPlaced/7' })).status).toBe(201);
});

test('a host that takes the id of an event which the platform will say does not keep it from being said', async () => {
  const deployment = await placeApp(node.log);
  const host = await joinFakeSupervisor(node, (_, response) => response.end());
  try {
    const id = derivedId(deployment, 'deployment_succeeded');
    const event = { id, type: 'app_stopped', data: { app: TINY, generation: 1, reason: 'idle' } };
    const said = () => node.call('/v1/events', { method: 'POST', token: host.credential, json: { event } });
    const first = await said();
    expect([first.status, first.text]).toEqual([201, expect.anything()]);
    expect((await said()).json).toEqual({ position: first.json.position, duplicate: true });
    expect((await node.events()).map((each) => each.id)).not.toContain(id);
  } finally {
    await host.close();
  }
});

test('a host speaks of no generation that nobody was given, so that the next host is heard', async () => {
  await placeApp(node.log);
  const host = await joinFakeSupervisor(node, (_, response) => response.end());
  try {
    for (const type of ['app_stopped', 'app_started', 'assignment_applied']) {
      const rest = { app_stopped: { reason: 'x' }, app_started: { version: 1, pid: 1, adopted: false } }[
        type
      ];
      const data = { app: TINY, generation: Number.MAX_SAFE_INTEGER, ...(rest ?? { outcome: 'running' }) };
      expect(await host.say(type, data)).toMatchObject({ status: 403, json: { code: 'not_allowed' } });
    }
    const said = await host.say('app_started', {
      app: TINY,
      generation: 1,
      version: 1,
      pid: 1,
      adopted: false,
    });
    expect([said.status, said.text]).toEqual([201, expect.anything()]);
  } finally {
    await host.close();
  }
});

test('a host announces what a host can be', async () => {
  const host = await joinFakeSupervisor(node, (_, response) => response.end());
  try {
    const presence = { url: 'http://127.0.0.1:1', tags: ['worker'], control_key: 'k'.repeat(40) };
    const announce = (changed: object) =>
      node.call('/v1/supervisors/local', {
        method: 'PUT',
        token: host.credential,
        json: { ...presence, ...changed },
      });
    const before = await node.log.head();
    for (const wrong of [
      { url: 'file:///etc/passwd' },
      { tags: Array.from({ length: 65 }, (_, i) => `t${i}`) },
      { tags: ['t'.repeat(65)] },
      { control_key: 'k'.repeat(10_000) },
    ]) {
      expect((await announce(wrong)).status).toBe(400);
    }
    expect((await node.events(['supervisor_joined'])).filter(({ position }) => position > before)).toEqual(
      [],
    );
    expect((await announce({})).status).toBe(204);
  } finally {
    await host.close();
  }
});

test('a page of a search is no larger than one of the log, and goes on where it ended', async () => {
  const data = { text: 'x'.repeat(40_000) };
  for (let i = 0; i < 5; i++) {
    const said = await Promise.all(Array.from({ length: 8 }, () => say({ data })));
    expect(said.map(({ status }) => status)).toEqual(Array(8).fill(201));
  }
  for (const [order, cursor] of [
    ['newest', 'before'],
    ['oldest', 'after'],
  ] as const) {
    const seen: number[] = [];
    for (let next = ''; ; ) {
      const page = await node.call(`/v1/events?q=orderplaced&limit=1000&order=${order}${next}`);
      expect(page.status).toBe(200);
      expect(page.text.length).toBeLessThan(2 * 512 * 1024);
      seen.push(...page.json.events.map((event: { position: number }) => event.position));
      if (page.json.next === null) break;
      next = `&${cursor}=${page.json.next}`;
    }
    const sorted = [...new Set(seen)].sort((a, b) => (order === 'newest' ? b - a : a - b));
    expect(seen).toEqual(sorted);
    expect(seen).toHaveLength(40);
  }
});

test('a credential makes up so many types of event and no more; others go on', async () => {
  const { token } = await issue(node, {
    name: 'talker',
    kind: 'agent',
    scopes: [`events:append:${SEGMENT}`],
  });
  for (let i = 0; i < 1_000; i += 50) {
    const said = await Promise.all(
      Array.from({ length: 50 }, (_, j) => say({ type: `Made${i + j}` }, token)),
    );
    expect(new Set(said.map(({ status }) => status))).toEqual(new Set([201]));
  }
  expect(await say({ type: 'OneMore' }, token)).toMatchObject({ status: 403, json: { code: 'not_allowed' } });
  expect((await say({ type: 'Made0' }, token)).status).toBe(201);
  expect((await say({ type: 'OneMore' })).status).toBe(201);
}, 30_000);

test('a reader asks for so many patterns and no more: each is matched with every event that is appended', async () => {
  const patterns = (count: number, chars: number) =>
    Array.from({ length: count }, (_, i) => `segment=${String(i).padStart(chars, 'a*')}`).join('&');
  for (const path of ['/v1/events', '/v1/events/stream', '/v1/events?q=order']) {
    const at = path.includes('?') ? `${path}&` : `${path}?`;
    for (const many of [patterns(51, 3), patterns(20, 101)]) {
      expect(await node.call(`${at}${many}`)).toMatchObject({ status: 400, json: { code: 'query_invalid' } });
    }
  }
  expect((await node.call(`/v1/events?${patterns(50, 40)}`)).status).toBe(200);
});

test('who asks for the office over and over does not have others wait for it', async () => {
  const { token } = await issue(node, { name: 'eager', role: 'viewer' });
  const eager = Array.from({ length: 20 }, () => node.call('/v1/state?at=1', { token }));
  const other = node.call('/v1/state?at=1');
  const told = (await Promise.all(eager)).map(({ status }) => status);
  expect(told.filter((status) => status === 200).length).toBeGreaterThanOrEqual(4);
  expect(told).toContain(429);
  expect((await other).status).toBe(200);
  expect((await node.call('/v1/state?at=1', { token })).status).toBe(200);
});
