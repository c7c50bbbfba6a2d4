import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import { type AllowedHost, allowedHosts } from './allowed-host.ts';
import type { AppChannel, Destination } from './channel.ts';
import { type ChannelServer, type ChannelServerOptions, serveChannel } from './channel-server.ts';
import { noAppApi } from './no-app-api.ts';
import { openChannel } from './open-channel.ts';
import { type Canary, openCanary, until } from './testing/canary.ts';

interface Served extends AsyncDisposable {
  readonly server: ChannelServer;
  readonly said: string[];
  /** What the channel was asked for. */
  readonly asked: Destination[];
  readonly folder: string;
}

async function serve(hosts: readonly AllowedHost[], options?: ChannelServerOptions): Promise<Served> {
  const said: string[] = [];
  const asked: Destination[] = [];
  const inner = openChannel({
    policy: allowedHosts(hosts),
    platform: noAppApi(),
    say: (line) => said.push(line),
    clock: { now: () => 0 },
  });
  const channel: AppChannel = {
    dial(to, signal) {
      asked.push(to);
      return inner.dial(to, signal);
    },
  };
  const folder = await mkdtemp(join(tmpdir(), 'channel-'));
  const server = await serveChannel(channel, join(folder, 'channel.sock'), options);
  return {
    server,
    said,
    asked,
    folder,
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A connection to the channel's socket, and all that came back so far. */
class Client {
  readonly socket: Socket;
  received = '';
  constructor({ server }: Served) {
    this.socket = connect({ path: server.path, allowHalfOpen: true });
    this.socket.on('error', () => {});
    this.socket.on('data', (bytes) => {
      this.received += bytes;
    });
  }
  send(bytes: string): this {
    this.socket.write(bytes);
    return this;
  }
  get(part: string): Promise<void> {
    return until(`it got ${JSON.stringify(part)}, not ${JSON.stringify(this.received)}`, () =>
      this.received.includes(part),
    );
  }
  /** The other side has ended, or broken, the connection. */
  ended(): Promise<void> {
    return until('the connection has ended', () => this.socket.readableEnded || this.socket.destroyed);
  }
}

const CONNECTED = 'HTTP/1.1 200 Connection Established\r\n\r\n';
const at = ({ port }: Canary): AllowedHost => ({ host: '127.0.0.1', port });
const connectTo = (port: number, host = '127.0.0.1') =>
  `CONNECT ${host}:${port} HTTP/1.1\r\nhost: ${host}:${port}\r\n\r\n`;

async function ask(served: Served, options: RequestOptions, body = ''): Promise<IncomingMessage> {
  const request = httpRequest({ socketPath: served.server.path, agent: false, ...options });
  request.end(body);
  const [answer] = await once(request, 'response');
  return answer as IncomingMessage;
}

/** An HTTP server that answers with what it was asked. */
const answering = (answer: string) =>
  openCanary((socket) => void socket.once('data', () => socket.end(answer)));

test('CONNECT to an allowed place is a tunnel; each direction ends by itself', async () => {
  await using canary = await openCanary((socket) => void socket.on('end', () => socket.end('and good bye')));
  await using served = await serve([at(canary)]);
  const client = new Client(served).send(connectTo(canary.port));
  await client.get(CONNECTED);
  client.socket.end('hello');
  await client.ended();
  expect([canary.heard, client.received]).toEqual(['hello', `${CONNECTED}and good bye`]);
  await until('the tunnel is gone', () => canary.sockets.length === 0);
});

test('bytes behind the head of a CONNECT are the first of the tunnel, and go nowhere when it is denied', async () => {
  await using canary = await openCanary((socket) => void socket.write('welcome'));
  await using denied = await openCanary();
  await using served = await serve([at(canary)]);
  const client = new Client(served).send(`${connectTo(canary.port)}GET /smuggled HTTP/1.1\r\n\r\n`);
  await client.get('welcome');
  expect(client.received).toBe(`${CONNECTED}welcome`);
  await until('they have come', () => canary.heard === 'GET /smuggled HTTP/1.1\r\n\r\n');
  const refused = new Client(served).send(`${connectTo(denied.port)}${connectTo(canary.port)}`);
  await refused.ended();
  expect(refused.received).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
  expect(refused.received.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect([denied.connections, canary.connections]).toEqual([0, 1]);
});

test('a denied place hears nothing; who asked reads why, and the line of the manifest; so does the log', async () => {
  await using canary = await openCanary();
  await using served = await serve([]);
  const client = new Client(served).send(connectTo(canary.port));
  await client.ended();
  const [head = '', body = ''] = client.received.split('\r\n\r\n');
  expect(head).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*application\/problem\+json/);
  const line = `http_allow_list = ["127.0.0.1:${canary.port}"]`;
  expect(JSON.parse(body)).toMatchObject({
    status: 403,
    code: 'egress_denied',
    hint: expect.stringContaining(line),
  });
  const answer = await ask(served, { path: `http://127.0.0.1:${canary.port}/` });
  expect([answer.statusCode, JSON.parse(await text(answer)).hint]).toEqual([
    403,
    expect.stringContaining(line),
  ]);
  expect(served.said).toEqual([expect.stringContaining(line)]);
  expect(canary.connections).toBe(0);
});

test('node is told of a CONNECT as of any other: it can be read why there is none', async () => {
  await using served = await serve([]);
  const request = httpRequest({
    socketPath: served.server.path,
    method: 'CONNECT',
    path: 'api.example.com:443',
  });
  request.end();
  const [answer, socket, head] = (await once(request, 'connect')) as [IncomingMessage, Socket, Buffer];
  expect(answer.statusCode).toBe(403);
  const rest = head.length > 0 ? head : ((await once(socket, 'data'))[0] as Buffer);
  expect(JSON.parse(String(rest)).hint).toContain('http_allow_list = ["api.example.com"]');
  socket.destroy();
});

test('what is allowed and does not answer is a 502, for either form', async () => {
  const gone = await openCanary();
  await gone[Symbol.asyncDispose]();
  await using served = await serve([at(gone)]);
  const client = new Client(served).send(connectTo(gone.port));
  await client.ended();
  expect(client.received).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n[\s\S]*egress_unreachable/);
  expect((await ask(served, { path: `http://127.0.0.1:${gone.port}/` })).statusCode).toBe(502);
});

test('a request in absolute form reaches its host in origin form, without the fields of this connection', async () => {
  await using canary = await answering(
    'HTTP/1.1 201 Made\r\nx-back: 1\r\nkeep-alive: timeout=9\r\ncontent-length: 4\r\n\r\ndone',
  );
  await using served = await serve([at(canary)]);
  const answer = await ask(
    served,
    {
      method: 'POST',
      path: `http://127.0.0.1:${canary.port}/a?b=c`,
      headers: {
        host: 'somewhere.else',
        'proxy-authorization': 'Basic secret',
        connection: 'x-mine',
        'x-mine': '1',
        'x-kept': '2',
      },
    },
    'body',
  );
  expect([answer.statusCode, answer.statusMessage, answer.headers['x-back'], await text(answer)]).toEqual([
    201,
    'Made',
    '1',
    'done',
  ]);
  expect(answer.headers['keep-alive']).not.toBe('timeout=9');
  const [head = ''] = canary.heard.split('\r\n\r\n');
  expect(head.split('\r\n')[0]).toBe('POST /a?b=c HTTP/1.1');
  const fields = head.toLowerCase().split('\r\n').slice(1);
  expect(fields).toContain(`host: 127.0.0.1:${canary.port}`);
  expect(fields).toContain('x-kept: 2');
  expect(fields.filter((field) => /somewhere|proxy-|x-mine/.test(field))).toEqual([]);
});

test('the body of a GET stays a body on its way on', async () => {
  await using canary = await answering('HTTP/1.1 204 No Content\r\n\r\n');
  await using served = await serve([at(canary)]);
  const body = 'GET /second HTTP/1.1\r\n\r\n';
  await ask(
    served,
    {
      path: `http://127.0.0.1:${canary.port}/`,
      headers: { 'transfer-encoding': 'chunked' },
    },
    body,
  );
  expect(canary.heard).toMatch(/transfer-encoding: chunked\r\n[\s\S]*?\r\n18\r\nGET \/second/i);
});

test('the app API answers through the socket as well', async () => {
  await using served = await serve([]);
  const answer = await ask(served, { path: 'http://tabbify.internal/v1/events', method: 'POST' }, '{}');
  expect([answer.statusCode, JSON.parse(await text(answer)).code]).toEqual([404, 'app_api_missing']);
});

test.each([
  'GET / HTTP/1.1\r\n\r\n',
  'GET https://127.0.0.1:1/ HTTP/1.1\r\n\r\n',
  'GET ftp://127.0.0.1/ HTTP/1.1\r\n\r\n',
  'GET http://user:pw@127.0.0.1/ HTTP/1.1\r\n\r\n',
  'CONNECT 127.0.0.1 HTTP/1.1\r\n\r\n',
  'CONNECT http://127.0.0.1:80 HTTP/1.1\r\n\r\n',
  'CONNECT /etc/passwd:1 HTTP/1.1\r\n\r\n'.replace('/etc/passwd:1', '[1]:80:80'),
  'no http at all\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00',
  'GET http://127.0.0.1:1/ HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
])('is answered with 400 and reaches nobody: %j', async (bytes) => {
  await using served = await serve([]);
  const client = new Client(served).send(bytes);
  await client.ended();
  expect(client.received).toMatch(/^HTTP\/1\.1 400 /);
  expect(served.asked).toEqual([]);
  expect((await ask(served, { path: 'http://tabbify.internal/' })).statusCode).toBe(404); // it serves on
});

test('a CONNECT behind a request whose answer is not there yet ends the connection', async () => {
  await using canary = await openCanary();
  await using served = await serve([at(canary)]);
  const client = new Client(served).send(
    `GET http://127.0.0.1:${canary.port}/ HTTP/1.1\r\n\r\n${connectTo(canary.port)}`,
  );
  await client.ended();
  expect(client.received).toBe('');
});

test('a head that is too large or does not come is refused', async () => {
  await using served = await serve([], { limits: { headBytes: 1024, headMs: 200 } });
  const large = new Client(served).send(`GET http://a.example/ HTTP/1.1\r\nx: ${'y'.repeat(2000)}\r\n\r\n`);
  await large.ended();
  expect(large.received).toMatch(/^HTTP\/1\.1 431 /);
  const slow = new Client(served).send('CONNECT a.example:443 HTTP/1.1\r\nx');
  await slow.ended();
  expect(slow.received).toMatch(/^HTTP\/1\.1 408 /);
  const silent = new Client(served);
  await silent.ended();
});

test('a tunnel may be silent for longer than a head may take, also on a connection that has served requests', async () => {
  await using canary = await openCanary();
  await using served = await serve([at(canary)], { limits: { headMs: 100 } });
  const client = new Client(served).send('GET http://tabbify.internal/ HTTP/1.1\r\n\r\n');
  await client.get('app_api_missing');
  client.send(connectTo(canary.port));
  await client.get(CONNECTED);
  const idle = new Client(served).send('GET http://tabbify.internal/ HTTP/1.1\r\n\r\n');
  const began = performance.now();
  await idle.ended(); // its time was up, and that of the tunnel would have been about now
  expect(performance.now() - began).toBeLessThan(4_500); // node's own would be 5 s
  const other = new Client(served);
  await other.ended();
  client.send('still here');
  await until('it has come', () => canary.heard === 'still here');
});

test('a box has so many connections at once and no more; one that is done makes room', async () => {
  await using canary = await openCanary((socket) => void socket.on('end', () => socket.end()));
  await using served = await serve([at(canary)], { limits: { connections: 2 } });
  const clients = [new Client(served), new Client(served)];
  for (const client of clients) await client.send(connectTo(canary.port)).get(CONNECTED);
  const third = new Client(served).send(connectTo(canary.port));
  await third.ended();
  expect([third.received, canary.connections]).toEqual(['', 2]);
  clients[0]?.socket.destroy();
  await until('there is room', () => canary.sockets.length === 1);
  await new Client(served).send(connectTo(canary.port)).get(CONNECTED);
});

test('a break is passed on as a break, from either end', async () => {
  await using canary = await openCanary();
  await using served = await serve([at(canary)]);
  const first = new Client(served).send(connectTo(canary.port));
  await first.get(CONNECTED);
  canary.sockets[0]?.resetAndDestroy();
  await first.ended();
  const second = connect(served.server.path).pause(); // what it leaves unread makes its going a break at a unix socket
  second.write(`${connectTo(canary.port)}hello`);
  await until('it is there', () => canary.heard === 'hello');
  const ends = vi.fn();
  canary.sockets[0]?.on('end', ends);
  second.destroy();
  await until('the far end is gone', () => canary.sockets.length === 0);
  expect(ends).not.toHaveBeenCalled();
});

test('who has gone in silence is noticed when something comes for them', async () => {
  await using canary = await openCanary();
  await using served = await serve([at(canary)]);
  const client = new Client(served).send(connectTo(canary.port));
  await client.get(CONNECTED);
  client.socket.destroy();
  await until('its end has come', () => canary.sockets[0]?.readableEnded === true);
  await until('the tunnel is gone', () => {
    canary.sockets[0]?.write('anybody there?'); // a socket that has read an end looks no more: writing tells
    return canary.sockets.length === 0;
  });
});

test('a tunnel of which one direction has ended is broken when nothing comes any more', async () => {
  await using canary = await openCanary();
  await using served = await serve([at(canary)], { limits: { halfOpenMs: 50 } });
  const client = new Client(served).send(connectTo(canary.port));
  await client.get(CONNECTED);
  client.socket.end();
  await client.ended();
  await until(
    'the far end is gone',
    () => canary.sockets.length === 0 || canary.sockets[0]?.readableEnded === true,
  );
});

/** A channel of which nothing comes, and what became of those who asked. */
async function serveSilence() {
  const folder = await mkdtemp(join(tmpdir(), 'channel-'));
  const signals: AbortSignal[] = [];
  const channel: AppChannel = {
    dial: (_to, signal) =>
      new Promise((_, reject) => {
        signals.push(signal!);
        signal?.addEventListener('abort', () => reject(signal.reason));
      }),
  };
  const server = await serveChannel(channel, join(folder, 'channel.sock'));
  return {
    path: server.path,
    signals,
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

test.each([
  ['CONNECT', 'CONNECT slow.test:443 HTTP/1.1\r\n\r\n'],
  ['CONNECT and has said more', 'CONNECT slow.test:443 HTTP/1.1\r\n\r\nearly words'],
  ['a request in absolute form', 'GET http://slow.test/ HTTP/1.1\r\nhost: slow.test\r\n\r\n'],
])('who leaves while its place is being dialled is noticed, and the dial given up: %s', async (_, asking) => {
  await using silence = await serveSilence();
  const socket = connect(silence.path);
  socket.write(asking);
  await until('it is dialled', () => silence.signals.length === 1);
  expect(silence.signals[0]?.aborted).toBe(false);
  socket.destroy();
  await until('the dial is given up', () => silence.signals[0]?.aborted === true);
});

test('what is sent before the tunnel stands comes first in it, in its order', async () => {
  await using canary = await openCanary();
  const folder = await mkdtemp(join(tmpdir(), 'channel-'));
  const { promise, resolve } = Promise.withResolvers<void>();
  const channel: AppChannel = {
    async dial(to) {
      await promise;
      return connect({ port: to.port, host: to.host, allowHalfOpen: true });
    },
  };
  const server = await serveChannel(channel, join(folder, 'channel.sock'));
  const socket = connect({ path: server.path, allowHalfOpen: true });
  socket.write(`${connectTo(canary.port)}one `);
  await new Promise((done) => socket.write('two ', done));
  const large = 'x'.repeat(300_000);
  socket.write(large);
  await until('as much is taken as is while nobody has it', () => socket.writableLength < large.length);
  resolve();
  socket.end(' three');
  await until('it has come', () => canary.heard.endsWith(' three'));
  expect(canary.heard).toBe(`one two ${large} three`);
  socket.destroy();
  await server.close();
  await rm(folder, { recursive: true });
});

test('a reader that does not read stops the writer', async () => {
  const MIB = 1 << 20;
  await using canary = await openCanary((socket) => void socket.pause());
  await using served = await serve([at(canary)]);
  const client = new Client(served).send(connectTo(canary.port));
  await client.get(CONNECTED);
  const before = process.memoryUsage().arrayBuffers;
  for (let sent = 0; sent < 64; sent++) client.socket.write(Buffer.alloc(MIB));
  const [far] = canary.sockets;
  await until('nothing moves any more', () => client.socket.writableLength > 32 * MIB);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(96 * MIB); // its own 64 are there
  expect(client.socket.writableLength).toBeGreaterThan(32 * MIB);
  far?.resume();
  await until('all has come', () => client.socket.writableLength === 0);
});

test('closing ends tunnels and requests, and removes the socket', async () => {
  await using canary = await openCanary();
  await using served = await serve([at(canary)]);
  const tunnel = new Client(served).send(connectTo(canary.port));
  await tunnel.get(CONNECTED);
  const idle = new Client(served);
  await once(idle.socket, 'connect');
  const waiting = new Client(served).send(`GET http://127.0.0.1:${canary.port}/ HTTP/1.1\r\n\r\n`);
  await until('both are there', () => canary.connections === 2);
  const closed = [tunnel, idle, waiting].map((client) => client.ended());
  await served.server.close();
  await Promise.all(closed);
  await until('the far ends are gone', () => canary.sockets.every((socket) => socket.readableEnded));
  expect(await readdir(served.folder)).toEqual([]);
});

test('others of the machine may connect when they are meant to, and otherwise not', async () => {
  await using open = await serve([], { anyUser: true });
  await using closed = await serve([]);
  expect((await stat(open.server.path)).mode & 0o006).toBe(0o006);
  expect((await stat(closed.server.path)).mode & 0o002).toBe(0);
});
