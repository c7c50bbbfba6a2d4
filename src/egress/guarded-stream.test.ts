import { once } from 'node:events';
import { createServer as createHttp, request } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { WebSocketServer, WebSocket as WsClient } from 'ws';
import { grantedHosts } from './granted-hosts.ts';
import { TlsInspection } from './inspect/tls-inspection.ts';
import { noAppApi } from './no-app-api.ts';
import { openChannel } from './open-channel.ts';
import { openCanary, until } from './testing/canary.ts';
import { CERTIFICATE, CERTIFICATE_KEY } from './testing/certificate.ts';
import { clientHello, helloRetryRequest } from './testing/client-hello.ts';

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A channel to `allowed.example`, which is this machine. */
function channelTo(entry: string, port: number) {
  const said: string[] = [];
  const denied: string[] = [];
  const policy = grantedHosts([entry, `127.0.0.1:${port}`]);
  const channel = openChannel({
    policy,
    platform: noAppApi(),
    say: (line) => said.push(line),
    onDenied: (needed) => denied.push(needed),
    clock: { now: () => 0 },
    resolve: async () => ['127.0.0.1'],
  });
  return { policy, said, denied, dial: () => channel.dial({ host: 'allowed.example', port }) };
}

function secured(stream: Duplex, servername: string, more: object = {}): TLSSocket {
  const socket = connectTls({ socket: stream, servername, ca: CERTIFICATE, ...more });
  return socket.on('error', () => {});
}

test.each([
  ['at once', {}],
  ['when the server asks for a second ClientHello', { ecdhCurve: 'P-384' }],
  ['in TLS 1.2', { maxVersion: 'TLSv1.2' as const }],
])('TLS to the very name passes, %s', async (_, more) => {
  const server = createHttps({ cert: CERTIFICATE, key: CERTIFICATE_KEY, ...more }, (_request, response) =>
    response.end('secret'),
  );
  const port = await listening(server);
  const { dial } = channelTo(`https://allowed.example:${port}`, port);
  const offered = 'ecdhCurve' in more ? { ecdhCurve: 'X25519:P-384' } : {};
  const socket = secured(await dial(), 'allowed.example', offered);
  socket.write(`GET / HTTP/1.1\r\nhost: allowed.example\r\nconnection: close\r\n\r\n`);
  expect(await text(socket)).toContain('secret');
  server.close();
});

test('TLS to another name fails with an alert that says so; the log says what was wrong with it', async () => {
  await using canary = await openCanary();
  const { dial, said } = channelTo(`https://allowed.example:${canary.port}`, canary.port);
  const socket = secured(await dial(), 'other.example');
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ERR_SSL_TLSV1_UNRECOGNIZED_NAME');
  expect(said).toEqual([expect.stringContaining('its server name (SNI) is "other.example"')]);
  expect(canary.heard).toBe('');
});

test('a second ClientHello with another name does not go out', async () => {
  const first = clientHello({ names: ['allowed.example'] });
  const inspection = new TlsInspection({ host: 'allowed.example', port: 443 }, 32_768);
  expect(Buffer.concat(inspection.said(first))).toEqual(first);
  const other = clientHello({ names: ['other.example'] });
  expect(inspection.said(Buffer.from([20, 3, 3, 0, 1, 1]))).toEqual([]); // before the server has asked for it
  expect(inspection.heard(helloRetryRequest().subarray(0, 20))).toEqual([]);
  expect(inspection.stage).toBe('held');
  expect(inspection.heard(helloRetryRequest().subarray(20))).toEqual([]);
  expect(() => inspection.said(other)).toThrow('other.example');
  const again = new TlsInspection({ host: 'allowed.example', port: 443 }, 32_768);
  again.said(first);
  again.heard(helloRetryRequest());
  expect(Buffer.concat(again.said(first))).toEqual(first);
  expect(again.stage).toBe('open');
});

test('what is said behind a ClientHello waits for the server, and passes then', async () => {
  const inspection = new TlsInspection({ host: 'allowed.example', port: 443 }, 32_768);
  const early = Buffer.from([23, 3, 3, 0, 1, 0]);
  const hello = clientHello({ names: ['allowed.example'] });
  expect(Buffer.concat(inspection.said(Buffer.concat([hello, early])))).toEqual(hello);
  const serverHello = Buffer.from([22, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3, ...Buffer.alloc(32, 5)]);
  expect(inspection.heard(serverHello)).toEqual([early]);
});

test('requests on one connection pass, with bodies of every kind, as long as they name the host', async () => {
  const server = createHttp(async (incoming, response) => response.end(await text(incoming)));
  const port = await listening(server);
  const { dial } = channelTo(`http://allowed.example:${port}`, port);
  const stream = await dial();
  const ask = async (headers: Record<string, string>, parts: readonly string[]) => {
    const asking = request({
      method: 'POST',
      headers: { host: `ALLOWED.example:${port}`, connection: 'keep-alive', ...headers },
      createConnection: () => stream,
    });
    for (const part of parts) asking.write(part);
    asking.end();
    const [answer] = await once(asking, 'response');
    return text(answer);
  };
  expect(await ask({}, ['in ', 'chunks'])).toBe('in chunks');
  expect(await ask({ 'content-length': '6' }, ['length'])).toBe('length');
  expect(await ask({ trailer: 'x' }, ['x'.repeat(100_000), 'y'.repeat(70_000)])).toHaveLength(170_000);
  expect(await ask({ expect: '100-continue' }, ['y'])).toBe('y');
  stream.destroy();
  server.close();
});

test('a WebSocket passes once the server has agreed, and nothing behind one that was refused', async () => {
  const server = createHttp((_request, response) => response.end('no'));
  new WebSocketServer({ noServer: true });
  const sockets = new WebSocketServer({ server, path: '/live' });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`heard ${String(data)}`)));
  const port = await listening(server);
  const { dial, said } = channelTo(`http://allowed.example:${port}`, port);
  const stream = await dial();
  const client = new WsClient(`ws://allowed.example:${port}/live`, {
    createConnection: () => stream as never,
  });
  await once(client, 'open');
  client.send('words');
  expect(String((await once(client, 'message'))[0])).toBe('heard words');
  client.terminate();

  const refused = await dial();
  refused.write(`GET / HTTP/1.1\r\nhost: allowed.example:${port}\r\nupgrade: websocket\r\n\r\n`);
  await once(refused, 'data');
  refused.write(`GET / HTTP/1.1\r\nhost: allowed.example:${port}\r\n\r\n`);
  await once(refused, 'close');
  expect(said).toEqual([expect.stringContaining('it got no WebSocket')]);
  sockets.close();
  server.close();
});

test('a request to another host is answered with 403, and its log says why', async () => {
  await using canary = await openCanary();
  const { dial, said } = channelTo(`http://allowed.example:${canary.port}`, canary.port);
  const stream = await dial();
  stream.write('GET / HTTP/1.1\r\nhost: other.example\r\n\r\n');
  const answer = await text(stream);
  expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
  expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
    code: 'egress_denied',
    detail: expect.stringContaining('its host is "other.example"'),
  });
  expect([said.length, canary.heard]).toEqual([1, '']);
});

test('who speaks what is not granted there is told the line that would allow it', async () => {
  await using canary = await openCanary();
  const { port } = canary;
  const plain = channelTo(`https://allowed.example:${port}`, port);
  const stream = await plain.dial();
  stream.write('GET / HTTP/1.1\r\n');
  expect(await text(stream)).toContain('403');
  expect(plain.denied).toEqual([`http://allowed.example:${port}`]);
  const secure = channelTo(`http://allowed.example:${port}`, port);
  await once(secured(await secure.dial(), 'allowed.example'), 'error');
  expect(secure.denied).toEqual([`https://allowed.example:${port}`]);
  expect(secure.said).toEqual([
    expect.stringContaining(`http_allow_list = ["https://allowed.example:${port}"]`),
  ]);
  expect(canary.heard).toBe('');
});

test('where any protocol is granted the server may speak first', async () => {
  await using canary = await openCanary((socket) => void socket.write('220 hello\r\n'));
  const { dial } = channelTo(`allowed.example:${canary.port}`, canary.port);
  const stream = await dial();
  expect(String((await once(stream, 'data'))[0])).toBe('220 hello\r\n');
  stream.end('QUIT\r\n');
  await until('it is heard', () => canary.heard === 'QUIT\r\n');
  await until('its end has come', () => canary.sockets[0]?.readableEnded === true);
  stream.destroy();
});

test('what the place has said arrives whole, also when it ends at once and nobody reads yet', async () => {
  const body = 'z'.repeat(1 << 20);
  await using canary = await openCanary((socket) => void socket.end(body));
  const { dial } = channelTo(`allowed.example:${canary.port}`, canary.port);
  const stream = await dial();
  stream.end();
  await until('the place is done', () => canary.sockets.every((socket) => socket.writableEnded));
  expect((await text(stream)).length).toBe(body.length);
});

test('a place that does not read stops the app', async () => {
  const MIB = 1 << 20;
  await using canary = await openCanary((socket) => void socket.pause());
  const { dial } = channelTo(`http://allowed.example:${canary.port}`, canary.port);
  const stream = await dial();
  stream.write(
    `POST / HTTP/1.1\r\nhost: allowed.example:${canary.port}\r\ncontent-length: ${64 * MIB}\r\n\r\n`,
  );
  for (let sent = 0; sent < 64; sent++) stream.write(Buffer.alloc(MIB));
  await until('nothing moves any more', () => stream.writableLength > 32 * MIB);
  canary.sockets[0]?.resume();
  await until('all has come', () => stream.writableLength === 0);
  stream.destroy();
});

test('a break of the place is a break for the app', async () => {
  await using canary = await openCanary((socket) => void socket.once('data', () => socket.resetAndDestroy()));
  const { dial } = channelTo(`allowed.example:${canary.port}`, canary.port);
  const stream = await dial();
  stream.resume().write('hello\n');
  await once(stream, 'close');
  expect(stream.readableEnded).toBe(false);
});
