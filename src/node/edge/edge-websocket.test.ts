import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  type EdgeFixture,
  OFFICE_TOKEN,
  PRIVATE_APP,
  PUBLIC_APP,
  startEdge,
} from './testing/edge-fixture.ts';

let fixture: EdgeFixture;
let sockets: WebSocketServer | undefined;
afterEach(async () => {
  sockets?.close();
  await fixture.close();
});

const echoSockets = async () => {
  fixture = await startEdge((_request, response) => response.writeHead(418).end('no socket'));
  sockets = new WebSocketServer({ server: fixture.upstream, path: '/ws' });
  sockets.on('headers', (headers) => headers.push('Set-Cookie: canary=1'));
  sockets.on('connection', (socket, request) => {
    socket.send(`${request.url} ${request.headers.authorization ?? 'none'}`);
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
};
const url = (path: string) => `ws://127.0.0.1:${fixture.port}${path}`;

test('a WebSocket works on both mounts, and the fence holds for its handshake too', async () => {
  await echoSockets();
  for (const [path, host] of [
    [`/app/${PUBLIC_APP.id}/ws?x=1`, `localhost:${fixture.port}`],
    ['/ws?x=1', 'hello.localhost'],
  ] as const) {
    const socket = new WebSocket(url(path), { headers: { host } });
    const [upgraded, [greeting]] = await Promise.all([once(socket, 'upgrade'), once(socket, 'message')]);
    expect(String(greeting)).toBe('/ws?x=1 none');
    expect(upgraded[0].headers['set-cookie']).toEqual(host === 'hello.localhost' ? ['canary=1'] : undefined);
    const big = Buffer.alloc(1 << 20, 7);
    socket.send(big);
    const [back] = await once(socket, 'message');
    expect(big.equals(back as Buffer)).toBe(true);
    socket.close();
    await once(socket, 'close');
  }
});

test('a private app’s WebSocket needs the credential, which the app does not see', async () => {
  await echoSockets();
  const path = `/app/${PRIVATE_APP.id}/ws`;
  const refused = new WebSocket(url(path));
  const [, response] = await once(refused, 'unexpected-response');
  expect(response.statusCode).toBe(401);
  const socket = new WebSocket(url(path), { headers: { authorization: OFFICE_TOKEN } });
  const [greeting] = await once(socket, 'message');
  expect(String(greeting)).toBe('/ws none');
  socket.close();
  await once(socket, 'close');
});

test('an app’s own refusal of an upgrade is passed on', async () => {
  await echoSockets();
  const socket = new WebSocket(url('/other'), { headers: { host: 'hello.localhost' } });
  const [, response] = await once(socket, 'unexpected-response');
  expect(response.statusCode).toBe(400);
});

test('either side that breaks off ends the other', async () => {
  await echoSockets();
  const path = `/app/${PUBLIC_APP.id}/ws`;
  const socket = new WebSocket(url(path));
  await once(socket, 'message');
  const [served] = [...(sockets?.clients ?? [])];
  const closed = once(served!, 'close');
  socket.terminate();
  await closed;
  const second = new WebSocket(url(path));
  await once(second, 'message');
  for (const each of sockets?.clients ?? []) each.terminate();
  await once(second, 'close');
});

test('other protocols are not upgraded: the request is answered as HTTP/1.1', async () => {
  await echoSockets();
  const answer = await fixture.raw(
    'GET / HTTP/1.1\r\nHost: hello.localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
    /no socket/,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 418 /);
});
