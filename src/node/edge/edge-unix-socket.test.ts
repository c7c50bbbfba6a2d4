import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { httpEndpoint, socketEndpoint } from '../../kit/index.ts';
import { type EdgeFixture, PUBLIC_APP, RUNNER_KEY, startEdge } from './testing/edge-fixture.ts';

/** Nothing above the runner knows where an app answers: what holds for a port holds for a unix socket. */
let directory: string;
let fixture: EdgeFixture;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'edge '));
});
afterEach(async () => {
  await fixture.close();
  rmSync(directory, { recursive: true, force: true });
});

const call = (method: string, path = '/') =>
  request({ port: fixture.port, host: '127.0.0.1', method, path, headers: { host: 'hello.localhost' } });

test('requests reach an app at a unix socket, with the key of its runner', async () => {
  fixture = await startEdge(
    ({ url, headers }, response) => response.end(`${url} ${headers.host} ${headers['tabbify-runner-key']}`),
    { socket: join(directory, 'app?.sock') },
  );
  for (const path of ['/one', '/two?x=1']) {
    const [response] = await once(call('GET', path).end(), 'response');
    const [body] = await once(response.setEncoding('utf8'), 'data');
    expect(body).toBe(`${path} hello.localhost ${RUNNER_KEY}`);
  }
  expect(fixture.wakes).toEqual([PUBLIC_APP.id]);
});

test('a body streams both ways through a unix socket', async () => {
  fixture = await startEdge((incoming, response) => incoming.pipe(response), {
    socket: join(directory, 'app.sock'),
  });
  const upload = call('POST');
  upload.write('0');
  const [response] = (await once(upload, 'response')) as [IncomingMessage];
  const pieces = response.setEncoding('utf8')[Symbol.asyncIterator]();
  for (let piece = 0; piece < 20; piece++) {
    // the next is sent only when this one has come back: nothing on the way gathers them
    expect(await pieces.next()).toEqual({ done: false, value: String(piece) });
    if (piece < 19) upload.write(String(piece + 1));
  }
  upload.end();
  expect((await pieces.next()).done).toBe(true);
});

test('a WebSocket works through a unix socket', async () => {
  fixture = await startEdge((_request, response) => response.writeHead(418).end(), {
    socket: join(directory, 'app.sock'),
  });
  const sockets = new WebSocketServer({ server: fixture.upstream });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  const socket = new WebSocket(`ws://127.0.0.1:${fixture.port}/`, { headers: { host: 'hello.localhost' } });
  await once(socket, 'open');
  const big = Buffer.alloc(1 << 20, 7);
  socket.send(big);
  const [back] = await once(socket, 'message');
  expect(big.equals(back as Buffer)).toBe(true);
  socket.close();
  await once(socket, 'close');
  sockets.close();
});

test('an app moves between sockets and ports, and no request is lost on the way', async () => {
  const places = ['the first socket', 'a port', 'the second socket'].map((name) => ({
    name,
    server: createServer((_request, response) => response.end(name)),
  }));
  const [first, port, second] = places.map(({ server }) => server);
  fixture = await startEdge((_request, response) => response.end());
  const asked = async () => {
    const [response] = await once(call('POST').end('payload'), 'response');
    return String((await once(response, 'data'))[0]);
  };
  const leave = (server: typeof first) => {
    server!.closeAllConnections();
    server!.close();
  };
  const serveAt = (endpoint: typeof fixture.endpoint) => {
    fixture.wakeWith = async () => ({ endpoint, runnerKey: '', generation: 1 });
  };
  await once(first!.listen(join(directory, '1.sock')), 'listening');
  serveAt(socketEndpoint(join(directory, '1.sock')));
  expect(await asked()).toBe('the first socket');
  await once(port!.listen(0, '127.0.0.1'), 'listening');
  serveAt(httpEndpoint('127.0.0.1', (port!.address() as AddressInfo).port));
  leave(first); // its file goes with it
  expect(await asked()).toBe('a port');
  await once(second!.listen(join(directory, '2.sock')), 'listening');
  serveAt(socketEndpoint(join(directory, '2.sock')));
  leave(port);
  expect(await asked()).toBe('the second socket');
  leave(second);
});
