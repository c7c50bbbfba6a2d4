import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type RunningApp, runtimeOf } from '../runtimes/index.ts';
import { type WorkerPlace, workerPlace } from '../runtimes/testing/index.ts';
import { type AppServer, serveApp } from './app-server.ts';
import { RUNNER_KEY_HEADER } from './protocol.ts';

/** Speaks just enough of RFC 6455 to give short texts back. */
const ECHO = `
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
const server = createServer((request, response) => response.writeHead(426).end('only sockets'));
server.on('upgrade', (request, socket, head) => {
  if (request.url === '/refused') {
    socket.end('HTTP/1.1 403 Forbidden\\r\\nX-Why: asked\\r\\nContent-Length: 2\\r\\n\\r\\nno');
    return;
  }
  if (request.url === '/garbage') return void socket.end('ham and eggs');
  const key = createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  const seen = JSON.stringify(request.rawHeaders);
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nX-Seen: ' + Buffer.from(seen).toString('base64') + '\\r\\nSec-WebSocket-Accept: ' + key + '\\r\\n\\r\\n');
  const echo = (data: Buffer) => {
    while (data.length > 6) {
      const length = data[1] & 127;
      if (data[0] === 0x88) return void socket.end(Buffer.from([0x88, 0]));
      const mask = data.subarray(2, 6);
      const text = data.subarray(6, 6 + length).map((byte, index) => byte ^ mask[index % 4]);
      socket.write(Buffer.concat([Buffer.from([data[0], length]), text]));
      data = data.subarray(6 + length);
    }
    if (data.length === 6 && data[0] === 0x88) socket.end(Buffer.from([0x88, 0]));
  };
  if (head.length > 0) echo(head);
  socket.on('data', echo);
  if (request.url === '/breaks') setTimeout(() => socket.destroy(), 50);
});
server.listen(8080);
`;
const runnerKey = 'k'.repeat(43);

let home: WorkerPlace;
let app: RunningApp;
let front: AppServer;
let url: string;
beforeAll(async () => {
  home = await workerPlace();
  const worker = await runtimeOf('worker');
  app = await worker.start({
    artifactDir: await home.artifactOf(ECHO),
    env: {},
    memoryMb: 128,
    fuelPerRequest: 0,
    isolation: 'pool',
    channel: { dial: () => Promise.reject(new Error('nothing is out there')) },
    place: home.place,
    wall: null,
    prepared: null,
    log: () => {},
  });
  front = await serveApp({
    runnerKey,
    version: 1,
    serve: (request, response) => app.serve(request, response),
    upgrade: app.upgrade?.bind(app),
  });
  url = front.endpoint.replace('http:', 'ws:');
});
afterAll(async () => {
  await front?.close(0);
  await app?.stop(0);
  await home?.[Symbol.asyncDispose]();
});

const open: WebSocket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate();
});

function connect(path: string, headers: Record<string, string> = { [RUNNER_KEY_HEADER]: runnerKey }) {
  const socket = new WebSocket(`${url}${path}`, {
    headers: { ...headers, 'tabbify-actor': 'canary', 'x-mine': 'kept' },
  });
  socket.on('error', () => {});
  open.push(socket);
  return socket;
}

test('a WebSocket reaches the app through the runner’s front, in both directions, and is counted while it is open', async () => {
  const before = front.stats();
  const socket = connect('/chat');
  const [[answer]] = await Promise.all([once(socket, 'upgrade'), once(socket, 'open')]);
  const seen = Buffer.from(answer.headers['x-seen'], 'base64').toString();
  expect(seen).toContain('"x-mine","kept"');
  expect(seen).not.toMatch(/tabbify/i);
  for (const text of ['one', 'two', 'ünï']) {
    socket.send(text);
    const [back] = await once(socket, 'message');
    expect(String(back)).toBe(text);
  }
  expect(front.stats()).toMatchObject({
    http_requests: (before.http_requests ?? 0) + 1,
    http_open: 1,
    http_streams: 1,
  });
  expect(app.stats().in_flight).toBe(1);
  socket.close();
  await once(socket, 'close');
  await expect
    .poll(() => [front.stats().http_open, front.stats().http_streams, app.stats().in_flight])
    .toEqual([0, 0, 0]);
});

test('the guard and the private paths hold for it: the app hears nothing', async () => {
  const before = app.stats().requests;
  for (const [path, headers, status] of [
    ['/chat', {}, 403],
    ['/chat', { [RUNNER_KEY_HEADER]: 'x'.repeat(43) }, 403],
    ['/_tabbify/chat', undefined, 404],
    ['/%5ftabbify/chat', undefined, 404],
  ] as const) {
    const [, answer] = await once(connect(path, headers), 'unexpected-response');
    expect(answer.statusCode).toBe(status);
    answer.resume();
  }
  expect(app.stats().requests).toBe(before);
  await expect.poll(() => front.stats().http_open, { timeout: 10_000 }).toBe(0);
});

test('what the app answers instead arrives; what is no answer is a 502', async () => {
  const [, refused] = await once(connect('/refused'), 'unexpected-response');
  expect([refused.statusCode, refused.headers['x-why']]).toEqual([403, 'asked']);
  refused.resume();
  const [, garbage] = await once(connect('/garbage'), 'unexpected-response');
  expect(garbage.statusCode).toBe(502);
  expect(garbage.headers['content-type']).toBe('application/problem+json');
  garbage.resume();
  await expect.poll(() => app.stats().in_flight, { timeout: 10_000 }).toBe(0);
});

test('either side that breaks off ends the other', async () => {
  const broken = connect('/breaks');
  await once(broken, 'open');
  await once(broken, 'close');
  const leaving = connect('/chat');
  await once(leaving, 'open');
  leaving.terminate(); // which the app does not notice
  await expect.poll(() => app.stats().in_flight, { timeout: 20_000 }).toBe(0);
});

test('a front that closes breaks it off when its grace is over', async () => {
  const other = await serveApp({
    runnerKey,
    version: 1,
    serve: (request, response) => app.serve(request, response),
    upgrade: app.upgrade?.bind(app),
  });
  const socket = new WebSocket(`${other.endpoint.replace('http:', 'ws:')}/chat`, {
    headers: { [RUNNER_KEY_HEADER]: runnerKey },
  });
  await once(socket, 'open');
  const closed = once(socket, 'close');
  await other.close(50);
  await closed;
});
