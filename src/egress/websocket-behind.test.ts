import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Agent, fetch, WebSocket as UndiciWebSocket } from 'undici';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { serveChannel } from './channel-server.ts';
import { grantedHosts } from './granted-hosts.ts';
import type { EgressLimits } from './limits.ts';
import { noAppApi } from './no-app-api.ts';
import { openChannel } from './open-channel.ts';
import { openCanary, until } from './testing/canary.ts';

const GET = 'GET / HTTP/1.1\r\nhost: allowed.example:{port}\r\n\r\n';
const UPGRADE = 'GET /live HTTP/1.1\r\nhost: allowed.example:{port}\r\nupgrade: websocket\r\n\r\n';
const OTHER = 'GET /other HTTP/1.1\r\nhost: other.example\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';

/** A connection to `allowed.example`, which is this machine. */
async function open(port: number, limits: Partial<EgressLimits> = {}) {
  const entries = [`http://allowed.example:${port}`, `127.0.0.1:${port}`];
  const policy = grantedHosts(entries);
  const said: string[] = [];
  const channel = openChannel({
    policy,
    platform: noAppApi(),
    say: (line) => said.push(line),
    clock: { now: () => 0 },
    resolve: async () => ['127.0.0.1'],
    limits,
  });
  const stream = await channel.dial({ host: 'allowed.example', port });
  const say = (...words: string[]) =>
    stream.write(words.join('').replaceAll('{port}', String(port)), 'latin1');
  return { channel, stream, say, policy, said };
}

/** A place that answers what comes on its first, its second connection with these. */
async function answering(...answers: string[]) {
  const heard: string[] = [];
  const sockets: Socket[] = [];
  const canary = await openCanary((socket) => {
    const n = sockets.push(socket) - 1;
    heard[n] = '';
    socket.on('data', (bytes) => {
      heard[n] += bytes.toString('latin1');
      if (heard[n]?.endsWith('\r\n\r\n')) socket.write(answers[n] ?? '');
    });
  });
  return { canary, heard, sockets };
}

async function answered(stream: Duplex): Promise<string> {
  const [bytes] = await once(stream, 'data');
  return String(bytes);
}

test('a WebSocket passes on a connection that had requests before', async () => {
  const server = createServer((asked, response) => void asked.pipe(response));
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { stream } = await open(port);
  const headers = { host: `allowed.example:${port}`, connection: 'keep-alive' };
  for (const body of ['one', 'two']) {
    const asked = request({ method: 'POST', headers, createConnection: () => stream });
    asked.end(body);
    const [answer] = await once(asked, 'response');
    expect(await text(answer)).toBe(body);
  }
  const socket = new WebSocket(`ws://allowed.example:${port}/`, { createConnection: () => stream as never });
  await once(socket, 'open');
  for (const word of ['hello', 'x'.repeat(200_000)]) {
    socket.send(word);
    expect(String((await once(socket, 'message'))[0])).toBe(`echo ${word}`);
  }
  socket.terminate();
  await until('the place sees it', () => sockets.clients.size === 0);
  server.close();
});

test('an app that has fetched from a place opens a WebSocket there, through the socket of its channel', async () => {
  const server = createServer((_, response) => void response.end('fetched'));
  new WebSocketServer({ server }).on('connection', (socket) => socket.send('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { channel } = await open(port);
  const folder = await mkdtemp(join(tmpdir(), 'websocket-'));
  const proxy = await serveChannel(channel, join(folder, 's'));
  let tunnels = 0;
  const dispatcher = new Agent({
    connections: 1, // it takes the one that is free
    async connect(_options, callback) {
      tunnels++;
      const socket = connect(proxy.path);
      socket.write(`CONNECT allowed.example:${port} HTTP/1.1\r\n\r\n`);
      await once(socket, 'readable');
      socket.read();
      callback(null, socket);
    },
  });
  const url = `allowed.example:${port}/`;
  expect(await (await fetch(`http://${url}`, { dispatcher })).text()).toBe('fetched');
  const socket = new UndiciWebSocket(`ws://${url}`, { dispatcher });
  const { data } = await new Promise<{ data: unknown }>((resolve, reject) => {
    socket.onmessage = resolve;
    socket.onerror = ({ error }) => reject(error);
  });
  expect([data, tunnels]).toEqual(['hello', 1]);
  await dispatcher.destroy();
  await proxy.close();
  await rm(folder, { recursive: true });
  server.closeAllConnections();
  server.close();
});

test('it gets a connection of its own, where it is the first; nothing behind one that was refused goes out', async () => {
  const { canary, heard } = await answering(OK, OK);
  const { stream, say, said } = await open(canary.port);
  say(GET);
  expect(await answered(stream)).toBe(OK);
  say(UPGRADE, OTHER);
  await once(stream.resume(), 'close');
  const words = [GET, UPGRADE].map((each) => each.replace('{port}', String(canary.port)));
  expect([heard, said]).toEqual([words, [expect.stringContaining('it got no WebSocket')]]);
  await canary[Symbol.asyncDispose]();
});

test('an answer to what was asked before, however late and whatever it looks like, is no agreement', async () => {
  const { canary, heard, sockets } = await answering('', '');
  const { stream, say } = await open(canary.port);
  say(GET);
  await until('the first has come', () => sockets.length === 1 && heard[0] !== '');
  say(UPGRADE);
  sockets[0]?.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  await until('the second has come', () => heard[1] !== undefined && heard[1] !== '');
  sockets[0]?.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  say(OTHER);
  await until('the first connection is gone', () => sockets[0]?.destroyed ?? false);
  sockets[1]?.write(OK);
  await once(stream.resume(), 'close');
  expect(heard.join('')).not.toContain('other');
  await canary[Symbol.asyncDispose]();
});

test.each([
  ['what was granted was taken back', {}, true],
  ['the app has made as many connections as it may', { dialBurst: 1 }, false],
])('there is none when %s', async (_, limits, isRevoked) => {
  const { canary, heard, sockets } = await answering(OK, OK);
  const { stream, say, policy } = await open(canary.port, limits);
  say(GET);
  await answered(stream);
  say(UPGRADE);
  if (isRevoked) policy.set([]);
  await once(stream.resume(), 'close');
  await until('the place sees it', () => sockets.every((each) => each.destroyed));
  expect(heard.join('')).not.toContain('/live');
  await canary[Symbol.asyncDispose]();
});
