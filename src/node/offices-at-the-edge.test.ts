import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { SealedLog } from '../log/index.ts';
import { manifest, OTHER, TINY } from './testing/apps.ts';
import { type FakeSupervisor, joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { placeApp } from './testing/placed-app.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';
import { issue, openOffice } from './testing/tokens.ts';

const NEW = '0191e7c2-0000-7000-8000-00000000000a';

/** One host runs the private apps of two offices; both have an app named `diary`. */
let node: RunningNode;
let host: FakeSupervisor;
let sockets: WebSocketServer;
let boss: string;
/** What reached any app: a visit that is denied must leave nothing here. */
const canary: string[] = [];

beforeEach(async () => {
  canary.length = 0;
  let log: SealedLog | undefined;
  node = await startTestNode({
    between(opened) {
      log = opened;
      return opened;
    },
  });
  host = await joinFakeSupervisor(node, (incoming, response) => {
    canary.push(`${incoming.headers.host}${incoming.url}`);
    response.write('first');
    if (incoming.url !== '/stream') response.end();
  });
  sockets = new WebSocketServer({ server: host.runner });
  sockets.on('connection', (socket) => socket.send('first'));
  boss = await openOffice(node, 'bakery');
  await placeApp(log as SealedLog, { app: TINY, slug: 'diary' });
  await placeApp(log as SealedLog, { app: OTHER, slug: 'diary', office: 'bakery' });
  await expect.poll(async () => (await node.call('/v1/apps', { token: boss })).json.apps.length).toBe(1);
});
afterEach(async () => {
  for (const socket of sockets.clients) socket.terminate();
  sockets.close();
  await host.close();
  await node.close();
});

/** A visit whose answer may have no end. */
async function visit(
  path: string,
  { token, at }: { token?: string; at?: string } = {},
): Promise<IncomingMessage> {
  const { hostname, port } = new URL(node.url);
  const headers = {
    host: at ?? `localhost:${port}`,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const sent = request({ hostname, port, path, headers, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}
const status = async (...asked: Parameters<typeof visit>) => {
  const response = await visit(...asked);
  response.resume();
  return response.statusCode;
};

test('each office is told its own app’s address, and both answer there', async () => {
  const { port } = new URL(node.url);
  const row = async (token: string, uuid: string) => (await node.call(`/v1/apps/${uuid}`, { token })).json;
  const first = await row(node.token, TINY);
  const second = await row(boss, OTHER);
  expect([first.url, second.url]).toEqual([
    `http://diary.localhost:${port}/`,
    `http://diary.bakery.localhost:${port}/`,
  ]);
  expect(second.path_url).toBe(`${node.url}/app/${OTHER}/`);
  expect(await status('/x', { token: node.token, at: new URL(first.url).host })).toBe(200);
  expect(await status('/x', { token: boss, at: new URL(second.url).host })).toBe(200);
  expect(host.wakes).toEqual([TINY, OTHER]);
});

test('a private app opens for people of its own office and for the machine’s owner, for nobody else', async () => {
  const person = (role: string) => issue(node, { name: role, role }, 'bakery');
  const opens = [boss, (await person('viewer')).token, (await person('developer')).token, node.token];
  for (const token of opens) expect(await status('/x', { token, at: 'diary.bakery.localhost' })).toBe(200);
  expect(canary.splice(0)).toHaveLength(4);

  const agent = await issue(node, { kind: 'agent', name: 'helper', scopes: ['read', 'deploy'] }, 'bakery');
  const app = await issue(node, { kind: 'app', name: OTHER, scopes: ['read', 'data'] }, 'bakery');
  const approverOnly = await issue(node, { name: 'signs', scopes: ['approve'] }, 'bakery');
  for (const { token } of [agent, app, approverOnly]) {
    expect(await status('/x', { token, at: 'diary.bakery.localhost' })).toBe(403);
  }
  const neighbour = await issue(node, { name: 'viewer', role: 'viewer' });
  const revoked = await issue(node, { name: 'gone', role: 'owner' }, 'bakery');
  await node.call(`/v1/tokens/${revoked.id}`, { method: 'DELETE', token: boss });
  const expired = await issue(node, { name: 'late', role: 'owner', expires_in_days: 1e-9 }, 'bakery');
  for (const [token, answer] of [
    [neighbour.token, 404],
    [host.credential, 404],
    [revoked.token, 401],
    [expired.token, 401],
    [undefined, 401],
  ] as const) {
    const shown = token === undefined ? {} : { token };
    expect(await status('/x', { ...shown, at: 'diary.bakery.localhost' })).toBe(answer);
    expect(await status(`/app/${OTHER}/x`, shown)).toBe(answer);
  }
  expect(await status('/x', { token: boss, at: 'diary.localhost' })).toBe(404);
  expect(await status(`/app/${TINY}/x`, { token: boss })).toBe(404);
  expect(canary).toEqual([]);
});

/** An answer without an end, begun. */
async function stream(token: string): Promise<{ closed: Promise<unknown> }> {
  const response = await visit('/stream', { token, at: 'diary.bakery.localhost' });
  const closed = new Promise((resolve) => response.once('close', resolve));
  response.on('error', () => {}); // cut off in the middle, as it must be
  await once(response, 'data');
  response.resume();
  return { closed };
}

async function webSocket(token: string): Promise<WebSocket> {
  const socket = new WebSocket(`${node.url.replace('http', 'ws')}/app/${OTHER}/`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await once(socket, 'message');
  return socket;
}

test('a revocation ends streamed answers and WebSockets of private apps at once, those of others go on', async () => {
  const anna = await issue(node, { name: 'anna', role: 'viewer' }, 'bakery');
  const streamed = await stream(anna.token);
  const socket = await webSocket(anna.token);
  const others = await webSocket(boss);
  const closed = once(socket, 'close');
  await node.call(`/v1/tokens/${anna.id}`, { method: 'DELETE', token: boss });
  await Promise.all([streamed.closed, closed]);
  expect(await status('/x', { token: anna.token, at: 'diary.bakery.localhost' })).toBe(401);
  const pong = once(others, 'pong');
  others.ping();
  await pong;
  others.terminate();
});

test('so does its expiry', async () => {
  const days = 1.5 / 86_400; // as long as it takes to open both
  const anna = await issue(node, { name: 'anna', role: 'viewer', expires_in_days: days }, 'bakery');
  const streamed = await stream(anna.token);
  const socket = await webSocket(anna.token);
  await Promise.all([streamed.closed, once(socket, 'close')]);
});

test('an app of the first office and an office never share a name: the office’s apps would answer below the app', async () => {
  const create = (slug: string) => node.call('/v1/offices', { method: 'POST', json: { slug, name: slug } });
  const taken = await create('diary');
  expect([taken.status, taken.json.code]).toEqual([409, 'name_taken']);
  const pushed = await node.push(NEW, { 'tabbify.toml': manifest(NEW, 'bakery'), 'app.wasm': '' });
  expect([pushed.status, pushed.json.code]).toEqual([409, 'name_taken']);
  const inside = await node.push(
    NEW,
    { 'tabbify.toml': manifest(NEW, 'bakery'), 'app.wasm': '' },
    { token: boss },
  );
  expect(inside.status).toBe(201);
});
