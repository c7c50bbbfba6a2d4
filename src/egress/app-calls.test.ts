import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type RequestOptions,
  request,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { CALL_HEADER, createAppCalls } from './app-calls.ts';
import { grantedHosts } from './granted-hosts.ts';
import type { EgressLimits } from './limits.ts';
import { noAppApi } from './no-app-api.ts';
import { openChannel } from './open-channel.ts';
import { openCanary, until } from './testing/canary.ts';

const SHOP = { name: 'shop', id: '0191e7c2-1111-7222-8333-444455556666' };
const AT_SHOP = { host: 'shop.tabbify.internal', port: 80 };

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** An instance that may call the shop, and the node that its calls go to. */
async function open(listener: RequestListener, limits: Partial<EgressLimits> = {}) {
  const node: Server = createServer(listener);
  node.listen(0, '127.0.0.1');
  await once(node, 'listening');
  const url = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
  const said: string[] = [];
  const denied: string[] = [];
  const policy = grantedHosts(['*.internal'], [SHOP]);
  const calls = createAppCalls();
  calls.route({ node: url, key: 'key-of-the-app' });
  const channel = openChannel({
    policy,
    calls: calls.serve,
    platform: noAppApi(),
    say: (line) => said.push(line),
    onDenied: (entry) => denied.push(entry),
    clock: { now: () => 0 },
    resolve: async () => ['127.0.0.1'],
    limits,
  });
  closing.push(() => {
    calls.close();
    node.closeAllConnections();
    node.close();
  });
  return { node, calls, channel, policy, said, denied };
}

type Opened = Awaited<ReturnType<typeof open>>;
type Asked = RequestOptions;

const codeOf = (dial: Promise<Duplex>) =>
  dial.then(
    () => 'dialled',
    (error) => (error as { code: string }).code,
  );

/** A request to the shop on a connection of its own; its body is the caller's to end. */
async function call({ channel }: Opened, options: Asked = {}) {
  const stream = await channel.dial(AT_SHOP);
  const asked = request({ headers: { host: AT_SHOP.host }, ...options, createConnection: () => stream });
  asked.on('error', () => {});
  return asked;
}

async function answerTo(opened: Opened, options: Asked = {}): Promise<IncomingMessage> {
  const asked = await call(opened, options);
  asked.end();
  const [answer] = await once(asked, 'response');
  return answer;
}

test('a call goes to the node with the key and the id of the app that is meant; what the app says of itself does not', async () => {
  const seen: IncomingMessage[] = [];
  const opened = await open((asked, response) => {
    seen.push(asked);
    response.writeHead(201, { 'x-shop': 'open', connection: 'x-hop', 'x-hop': '1' }).end('sold');
  });
  const headers = [
    ...['host', 'Shop.Tabbify.Internal', 'Tabbify-App-Call', 'forged', 'tabbify-caller', 'app:forged'],
    ...['TABBIFY-RUNNER-KEY', 'forged', 'x-own', '1', 'connection', 'x-hop', 'x-hop', '2'],
  ];
  const answer = await answerTo(opened, { path: '/buy?n=1', headers });
  expect([answer.statusCode, answer.headers['x-shop'], answer.headers['x-hop'], await text(answer)]).toEqual([
    201,
    'open',
    undefined,
    'sold',
  ]);
  const [{ url, headers: came, rawHeaders } = {} as IncomingMessage] = seen;
  expect([url, came.host, came[CALL_HEADER], came['x-own']]).toEqual([
    '/buy?n=1',
    'shop.tabbify.internal',
    `key-of-the-app ${SHOP.id}`,
    '1',
  ]);
  expect(JSON.stringify(rawHeaders)).not.toMatch(/forged|x-hop/i);
  expect(JSON.stringify(answer.rawHeaders)).not.toContain('key-of-the-app');
});

test('what is not granted is denied and told, whatever else the list allows; no name is looked up, and nobody hears of it', async () => {
  let calls = 0;
  const { channel, policy, said, denied } = await open(() => calls++);
  await using canary = await openCanary();
  policy.set(['*.internal', '*.tabbify.internal', `other.tabbify.internal:${canary.port}`], [SHOP]);
  for (const host of ['other', 'a.shop', 'shop.x', 'xshop'].map((name) => `${name}.tabbify.internal`)) {
    expect([host, await codeOf(channel.dial({ host, port: 80 }))]).toEqual([host, 'egress_denied']);
  }
  const other = { host: 'other.tabbify.internal', port: canary.port };
  expect(await codeOf(channel.dial(other))).toBe('egress_denied');
  for (const port of [443, 8090])
    expect(await codeOf(channel.dial({ ...AT_SHOP, port }))).toBe('egress_denied');
  expect([calls, canary.connections, denied]).toEqual([0, 0, ['app:other', 'app:xshop']]);
  expect(said[0]).toContain('http_allow_list = ["app:other"]');
  expect(said.at(-1)).toContain('port 80');
});

test('a request on its way to the shop is to the shop alone', async () => {
  const seen: string[] = [];
  const opened = await open((asked, response) => {
    seen.push(`${asked.headers.host}${asked.url}`);
    response.end();
  });
  for (const options of [
    { headers: { host: 'other.tabbify.internal' } },
    { headers: { host: '127.0.0.1' } },
    { path: 'http://other.tabbify.internal/' },
    { path: '*', method: 'OPTIONS' },
  ]) {
    const answer = await answerTo(opened, options);
    expect([answer.statusCode, JSON.parse(await text(answer)).code]).toEqual([403, 'egress_denied']);
  }
  expect(seen).toEqual([]);
  const answer = await answerTo(opened, { headers: { host: 'shop.tabbify.internal:80' } });
  expect([answer.statusCode, seen]).toEqual([200, ['shop.tabbify.internal/']]);
});

test('bodies stream both ways, of any length, and one connection is good for many requests', async () => {
  const opened = await open((asked, response) => asked.pipe(response));
  const sent = randomBytes(10 * 1024 * 1024);
  for (const framing of [{}, { 'content-length': sent.length }]) {
    const asked = await call(opened, { method: 'POST', headers: { host: AT_SHOP.host, ...framing } });
    asked.write(sent.subarray(0, 5));
    const [answer] = await once(asked, 'response'); // before the rest is sent
    asked.end(sent.subarray(5));
    expect(sent.equals(await buffer(answer))).toBe(true);
  }
  const stream = await opened.channel.dial(AT_SHOP);
  let heard = '';
  stream.on('data', (bytes) => (heard += bytes));
  stream.write(`POST / HTTP/1.1\r\nhost: ${AT_SHOP.host}\r\ncontent-length: 3\r\n\r\none`.repeat(2));
  await until('both are answered', () => heard.split('one').length === 3);
});

test('an app that leaves is gone for the shop, and a shop that breaks off breaks the answer', async () => {
  const closed: string[] = [];
  const opened = await open((asked, response) => {
    asked.socket.once('close', () => closed.push(asked.url ?? ''));
    response.write('begun');
    if (asked.url === '/breaks') setImmediate(() => response.destroy());
  });
  const leaving = await call(opened, { path: '/leaves' });
  leaving.end();
  const [begun] = await once(leaving, 'response');
  begun.on('error', () => {});
  leaving.destroy();
  await until('the shop sees it', () => closed.includes('/leaves'));
  await expect(text(await answerTo(opened, { path: '/breaks' }))).rejects.toThrow('aborted');
});

test('a WebSocket passes, and what is taken back ends it as it ends an answer that streams', async () => {
  const opened = await open((_, response) => void response.write('begun'));
  const sockets = new WebSocketServer({ server: opened.node });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)));
  const stream = await opened.channel.dial(AT_SHOP);
  const socket = new WebSocket(`ws://${AT_SHOP.host}/`, { createConnection: () => stream as never });
  await once(socket, 'open');
  socket.send('hello');
  expect(String((await once(socket, 'message'))[0])).toBe('echo hello');
  const streaming = await answerTo(opened);
  const broken = text(streaming).catch((error: Error) => error.message);
  opened.policy.set(['*.internal'], [{ ...SHOP, id: '0191e7c2-0000-7000-8000-000000000001' }]);
  await once(socket, 'close');
  expect(await broken).toBe('aborted');
  await until('the other end is gone', () => sockets.clients.size === 0);
  expect(opened.said.join()).toContain(
    '"shop.tabbify.internal:80" was ended; what allowed it was taken back',
  );
  expect(await codeOf(opened.channel.dial(AT_SHOP))).toBe('dialled');
  opened.policy.set(['*.internal']);
  expect(await codeOf(opened.channel.dial(AT_SHOP))).toBe('egress_denied');
});

test('a WebSocket that the shop refuses is answered as it answers', async () => {
  const opened = await open(
    (_, response) => void response.writeHead(426, { 'x-why': 'none here' }).end('no'),
  );
  const headers = { host: AT_SHOP.host, connection: 'Upgrade', upgrade: 'websocket' };
  const answer = await answerTo(opened, { headers });
  expect([answer.statusCode, answer.headers['x-why'], await text(answer)]).toEqual([426, 'none here', 'no']);
});

test('calls count among the connections of the instance, and are as many per second', async () => {
  const few = await open((_, response) => void response.end(), { streams: 1 });
  const first = await few.channel.dial(AT_SHOP);
  expect(await codeOf(few.channel.dial(AT_SHOP))).toBe('egress_busy');
  first.destroy();
  await once(first, 'close');
  const slow = await open((_, response) => void response.end(), { dialBurst: 1 });
  expect(await codeOf(slow.channel.dial(AT_SHOP))).toBe('dialled');
  expect(await codeOf(slow.channel.dial(AT_SHOP))).toBe('egress_rate_limited');
});

test('without a node, or with one of an earlier version, a call is answered 502, and goes on when there is one', async () => {
  const opened = await open((_, response) => void response.end('here'));
  const { address, port } = opened.node.address() as AddressInfo;
  for (const route of [null, { node: 'http://127.0.0.1:1', key: 'k' }]) {
    opened.calls.route(route);
    const answer = await answerTo(opened);
    expect([answer.statusCode, JSON.parse(await text(answer)).code]).toEqual([502, 'egress_unreachable']);
  }
  opened.calls.route({ node: `http://${address}:${port}`, key: 'k' });
  expect(await text(await answerTo(opened))).toBe('here');
});
