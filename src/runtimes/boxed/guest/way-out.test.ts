import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  bundleApp,
  type GuestProcess,
  type Outside,
  openOutside,
  removeGuestProgram,
  serveGuest,
} from './testing/index.ts';

/** An app that tries what it is asked to, and answers what came of it. */
const APP = `
  import dgram from 'node:dgram'; import dns, { lookup } from 'node:dns'; import { once } from 'node:events';
  import http from 'node:http'; import http2 from 'node:http2'; import https from 'node:https';
  import net, { connect } from 'node:net'; import tls from 'node:tls'; import { text } from 'node:stream/consumers';
  import { request as undiciRequest } from 'undici'; import WebSocketClient from 'ws';

  const bodyOf = (request) => new Promise((done, failed) => {
    request.on('response', (answer) => text(answer).then(done, failed)).on('error', failed);
    request.end();
  });
  const message = (error) => ({ code: error.code, message: error.message, port: error.port, cause: error.cause && message(error.cause) });
  const failing = (socket) => new Promise((done) => socket.on('error', (error) => done(message(error))));
  const tries = {
    fetch: async () => (await fetch('http://plain.test/', { method: 'POST', body: 'by fetch' })).text(),
    fetchSecure: async () => (await fetch('https://tls.test/')).text(),
    fetchAddress: async () => (await fetch('http://192.0.2.7/', { method: 'POST', body: '4' })).text(),
    fetchAddress6: async () => (await fetch('http://[2001:db8::7]/', { method: 'POST', body: '6' })).text(),
    platform: async () => { const answer = await fetch('http://tabbify.internal/v1/kv/a'); return [answer.status, (await answer.json()).code]; },
    http: () => bodyOf(http.request('http://plain.test/')).then((body) => [body]),
    httpAgent: async () => {
      const agent = new http.Agent({ keepAlive: true });
      const ask = () => new Promise((done) => http.get({ host: 'plain.test', agent }, (answer) => {
        answer.resume().on('end', () => setImmediate(done));
      }));
      await ask(); await ask();
      const free = Object.values(agent.freeSockets).flat().length;
      agent.destroy();
      return free;
    },
    https: () => bodyOf(https.request('https://tls.test/')),
    httpsWrongName: () => failing(https.get('https://other.test/')),
    http2: async () => {
      const session = http2.connect('https://tls.test');
      const stream = session.request({ ':path': '/' });
      const body = await text(stream);
      session.close();
      return body;
    },
    undici: async () => (await undiciRequest('http://plain.test/', { method: 'POST', body: 'by undici' })).body.text(),
    webSocket: async () => { const socket = new WebSocket('ws://plain.test/'); const { data } = await new Promise((done) => { socket.onmessage = done; }); socket.close(); return data; },
    ws: async () => { const socket = new WebSocketClient('ws://plain.test/'); const [data] = await once(socket, 'message'); socket.close(); return String(data); },
    tls: async () => {
      const socket = tls.connect({ host: 'tls.test', port: 443, servername: 'tls.test', ALPNProtocols: ['http/1.1'] });
      await once(socket, 'secureConnect');
      const seen = [socket.authorized, socket.alpnProtocol, socket.connecting];
      socket.destroy();
      return seen;
    },
    tlsOverSocket: async () => {
      const socket = tls.connect({ socket: connect(443, 'tls.test'), servername: 'tls.test' });
      await once(socket, 'secureConnect');
      socket.destroy();
      return socket.authorized;
    },
    tlsToPlain: () => failing(tls.connect(25, 'greets.test')),
    greeting: async () => {
      const socket = net.createConnection({ port: 25, host: 'greets.test' });
      const seen = [socket.connecting, socket.pending, socket.readyState];
      socket.end('early');
      return [...seen, await text(socket)];
    },
    newSocket: async () => {
      const socket = new net.Socket();
      socket.setNoDelay(true).setKeepAlive(true).setTimeout(60000);
      socket.ref().unref().ref();
      const events = [];
      for (const name of ['connect', 'ready', 'end', 'close']) socket.on(name, () => events.push(name));
      await new Promise((done) => socket.connect('25', 'greets.test', done));
      const seen = [socket.connecting, socket.pending, socket.readyState];
      socket.resume().end();
      await once(socket, 'close');
      return [...seen, ...events];
    },
    again: async () => {
      const socket = connect(25, 'greets.test');
      await once(socket, 'connect');
      socket.destroy();
      await once(socket, 'close');
      socket.connect(25, 'greets.test');
      const [data] = await once(socket, 'data');
      socket.destroy();
      return String(data);
    },
    large: async () => {
      const body = Buffer.alloc(8_000_001, 'abcdefg');
      const answer = await fetch('http://plain.test/', { method: 'POST', body });
      return Buffer.from(await answer.arrayBuffer()).equals(body);
    },
    denied: () => fetch('https://api.example.com/').catch(message),
    deniedSocket: () => failing(connect(5432, 'db.example.com')),
    gone: () => failing(connect(80, 'gone.test')),
    noName: () => failing(connect(80, 'a b\\r\\nx: y')),
    localhost: () => failing(connect(80)),
    destroyed: async () => { const socket = connect(80, 'slow.test'); socket.destroy(); const [hadError] = await once(socket, 'close'); return [Boolean(hadError), socket.destroyed]; },
    aborted: () => fetch('http://slow.test/', { signal: AbortSignal.timeout(50) }).catch((error) => error.name),
    abortedSocket: () => failing(connect({ port: 80, host: 'slow.test', signal: AbortSignal.timeout(50) })),
    timeout: async () => { const socket = new net.Socket().connect(80, 'slow.test'); socket.setTimeout(50); await once(socket, 'timeout'); socket.destroy(); return 'timed out'; },
    badPort: () => { try { connect(70000, 'plain.test'); } catch (error) { return error.code; } },
    noPort: () => { try { new net.Socket().connect({}); } catch (error) { return error.code; } },
    lookup: () => new Promise((done) => lookup('plain.test', (error) => done(message(error)))),
    lookupPromise: () => dns.promises.lookup('plain.test').catch(message),
    resolver: () => new dns.promises.Resolver().resolveMx('plain.test').catch(message),
    lookupAddress: () => dns.promises.lookup('127.0.0.1'),
    udp: () => { try { dgram.createSocket('udp4'); } catch (error) { return message(error); } },
  };
  export default async (request) => {
    const trying = async () => tries[new URL(request.url).pathname.slice(1)]();
    return Response.json(await trying().catch(message));
  };
`;

let outside: Outside;
let guest: GuestProcess;
beforeAll(async () => {
  outside = await openOutside();
  guest = await serveGuest(await bundleApp(APP), {
    channelPath: outside.channelPath,
    env: { NODE_EXTRA_CA_CERTS: outside.certificatePath },
  });
});
afterAll(async () => {
  await guest[Symbol.asyncDispose]();
  await outside[Symbol.asyncDispose]();
  await removeGuestProgram();
});

const result = async (name: string) => JSON.parse((await guest.get(`/${name}`)).text);

test.each([
  ['fetch', 'by fetch'],
  ['fetchSecure', 'secure 2.0'],
  ['fetchAddress', '4'],
  ['fetchAddress6', '6'],
  ['platform', [404, 'app_api_missing']],
  ['http', ['']],
  ['httpAgent', 1],
  ['https', 'secure 1.1'],
  ['http2', 'secure 2.0'],
  ['undici', 'by undici'],
  ['webSocket', 'hello'],
  ['ws', 'hello'],
  ['tls', [true, 'http/1.1', false]],
  ['tlsOverSocket', true],
  ['greeting', [true, true, 'opening', '220 hello early bye']],
  ['newSocket', [false, false, 'open', 'connect', 'ready', 'end', 'close']],
  ['again', '220 hello '],
  ['large', true],
  ['lookupAddress', { address: '127.0.0.1', family: 4 }],
])('leads %s out, as if there were a network', async (name, expected) => {
  expect(await result(name)).toEqual(expected);
});

test('asks for names, not for addresses, and for IPv6 without brackets', async () => {
  await result('fetch');
  await result('fetchAddress6');
  expect(outside.dialled).toContain('plain.test:80');
  expect(outside.dialled).toContain('2001:db8::7:80');
});

test('fails as when the system refuses, with the line of the manifest that will allow it', async () => {
  const line = 'http_allow_list = ["api.example.com"]';
  const { message, cause } = await result('denied');
  expect(message).toBe('fetch failed');
  expect(cause).toMatchObject({ code: 'EACCES', message: expect.stringContaining(line) });
  expect(await result('deniedSocket')).toMatchObject({
    code: 'EACCES',
    port: 5432,
    message: expect.stringMatching(/^connect EACCES db\.example\.com:5432: .*"db\.example\.com:5432"/),
  });
  expect((await result('localhost')).code).toBe('EACCES');
});

test.each([
  ['gone', 'ECONNREFUSED'],
  ['noName', 'ENOTFOUND'],
  ['httpsWrongName', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['abortedSocket', 'ABORT_ERR'],
])('fails with the code that programs know: %s, %s', async (name, code) => {
  expect((await result(name)).code).toBe(code);
});

test('throws at once at what is no destination', async () => {
  expect(await result('badPort')).toBe('ERR_SOCKET_BAD_PORT');
  expect(await result('noPort')).toBe('ERR_MISSING_ARGS');
});

test('does not take what speaks first for TLS', async () => {
  expect((await result('tlsToPlain')).code).toMatch(/^(EPROTO|ERR_SSL_)/);
});

test('gives up while it is connecting, when the app does', async () => {
  expect(await result('destroyed')).toEqual([false, true]);
  expect(await result('aborted')).toBe('TimeoutError');
  expect(await result('timeout')).toBe('timed out');
});

test('leaves the proxy when the app gives up', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mute-'));
  const mute = createServer().listen(join(folder, 'channel.sock'));
  const left = once(mute, 'connection').then(([socket]) => once(socket.resume(), 'end'));
  await using alone = await serveGuest(
    `import { connect } from 'node:net';
     export default () => { connect(80, 'plain.test').setTimeout(50, function () { this.destroy(); }); return new Response(); }`,
    { channelPath: join(folder, 'channel.sock') },
  );
  await alone.get('/');
  await left;
  mute.close();
  await rm(folder, { recursive: true });
});

test.each([
  ['what is no proxy', 'SSH-2.0-x\r\n\r\n', /^EPROTO .* no answer of a proxy/],
  ['a head without an end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}`, /^EPROTO .* no answer of a proxy/],
  ['an answer that breaks off', 'HTTP/1.1 20', /^ENETUNREACH .* there is no way out/],
  ['a refusal in words', 'HTTP/1.1 503 Busy\r\n\r\nnot now', /^EAGAIN .*: not now$/],
])('fails where the proxy gives %s', async (_, answer, expected) => {
  const folder = await mkdtemp(join(tmpdir(), 'odd-'));
  const odd = createServer((socket) => socket.on('error', () => {}).end(answer)).listen(join(folder, 's'));
  await using alone = await serveGuest(
    `import { connect } from 'node:net';
     export default () => new Promise((done) => {
       connect(80, 'plain.test').on('error', ({ code, message }) => done(new Response(code + ' ' + message)));
     });`,
    { channelPath: join(folder, 's') },
  );
  expect((await alone.get('/')).text).toMatch(expected);
  odd.close();
  await rm(folder, { recursive: true });
});

test.each(['lookup', 'lookupPromise', 'resolver'])('does not look names up inside: %s', async (name) => {
  expect(await result(name)).toMatchObject({
    code: 'ENOTSUP',
    message: expect.stringContaining('connect to the name as it is'),
  });
});

test('has no UDP', async () => {
  expect(await result('udp')).toMatchObject({
    code: 'EAFNOSUPPORT',
    message: expect.stringContaining('TCP'),
  });
});

test('says that there is no way out where there is no channel', async () => {
  await using alone = await serveGuest(`
    export default () => fetch('http://plain.test/').catch(({ cause }) => new Response(cause.code + ' ' + cause.message));
  `);
  expect((await alone.get('/')).text).toMatch(
    /^ENETUNREACH connect ENETUNREACH plain\.test:80: there is no way out/,
  );
});
