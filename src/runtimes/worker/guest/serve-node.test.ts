import { once } from 'node:events';
import { afterAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  bundleApp,
  removeGuestProgram,
  serveGuest,
  startGuestProcess,
} from '../../boxed/guest/testing/index.ts';

afterAll(removeGuestProgram);

const LISTENER = `(req, res) => res.end(req.method + ' ' + req.url)`;

test.each([
  ['a port', `http.createServer(${LISTENER}).listen(3000);`],
  ['a port of the environment', `http.createServer(${LISTENER}).listen(process.env.PORT);`],
  ['a port, a host and a backlog', `http.createServer(${LISTENER}).listen(80, 'localhost', 511);`],
  ['options', `http.createServer(${LISTENER}).listen({ port: 1, host: '::' });`],
  ['nothing', `http.createServer(${LISTENER}).listen();`],
  ['a port, after it was awaited', `await null; new http.Server(${LISTENER}).listen('8080');`],
  [
    'a port, after the module was through',
    `setTimeout(() => http.createServer(${LISTENER}).listen(3000), 30);`,
  ],
  ['no port: a server that is exported', `export default http.createServer(${LISTENER});`],
  ['no port: a listener that is exported', `export default ${LISTENER};`],
])('serves a node:http app that listens on %s', async (_, source) => {
  await using guest = await serveGuest(`import http from 'node:http';\n${source}`);
  expect(await guest.get('/a?b')).toMatchObject({ status: 200, text: 'GET /a?b' });
});

test('calls back when it listens, and tells the address that was asked for', async () => {
  await using guest = await serveGuest(`
    import { createServer } from 'node:http';
    const told = [];
    const server = createServer((req, res) => res.end(JSON.stringify([told, server.listening])));
    server.on('listening', () => told.push('event'));
    server.listen(3000, '127.0.0.1', function () { told.push(this === server, server.address()); });
  `);
  expect(JSON.parse((await guest.get('/')).text)).toEqual([
    ['event', true, { address: '127.0.0.1', family: 'IPv4', port: 3000 }],
    true,
  ]);
});

test.each([
  [`3000, '::'`, { address: '::', family: 'IPv6', port: 3000 }],
  [`{ host: 'localhost', port: 0 }`, { address: '127.0.0.1', family: 'IPv4', port: 8080 }],
  ['', { address: '0.0.0.0', family: 'IPv4', port: 8080 }],
])('tells an address for listen(%s)', async (args, address) => {
  await using guest = await serveGuest(`
    import { createServer } from 'node:http';
    const server = createServer((req, res) => res.end(JSON.stringify(server.address()))).listen(${args});
  `);
  expect(JSON.parse((await guest.get('/')).text)).toEqual(address);
});

test('serves an app of Express kind: a function with handle, whose listen makes the server', async () => {
  const app = `
    const app = (req, res, next) => app.handle(req, res, next);
    app.handle = (req, res) => res.end('express ' + req.url);
    app.listen = (...args) => http.createServer(app).listen(...args);
  `;
  await using exported = await serveGuest(`import http from 'node:http'; ${app} export default app;`);
  expect((await exported.get('/x')).text).toBe('express /x');
  await using listening = await serveGuest(
    `import http from 'node:http'; ${app} app.listen(3000, () => console.log('up')); export default app;`,
  );
  expect((await listening.get('/y')).text).toBe('express /y');
  expect(listening.output()).toBe('up\n');
});

test('serves a Hono app by its own server, and as what it exports', async () => {
  const app = `import { Hono } from 'hono'; const app = new Hono(); app.get('/', (c) => c.text('hono ' + c.env.A));`;
  await using exported = await serveGuest(await bundleApp(`${app} export default app;`), {
    appEnv: { A: '1' },
  });
  expect((await exported.get('/')).text).toBe('hono 1');
  expect((await exported.get('/none')).status).toBe(404);
  await using listening = await serveGuest(
    await bundleApp(`${app} import { serve } from '@hono/node-server';
      serve({ fetch: app.fetch, port: 3000 }, (info) => console.log(info.port));`),
  );
  expect((await listening.get('/')).text).toBe('hono undefined');
  expect(listening.output()).toBe('3000\n');
});

test.each([
  ['http.createServer().listen(4000)', 'another HTTP server of it has the one listener'],
  ['net.createServer().listen(4000)', 'only an HTTP server (node:http) can be reached'],
  ['https.createServer().listen(4000)', 'TLS is done before it'],
  ['http2.createServer().listen(4000)', 'only an HTTP server (node:http) can be reached'],
])('tells a server that gets no listener why, and serves on: %s', async (second, why) => {
  await using guest = await serveGuest(`
    import http from 'node:http'; import https from 'node:https'; import http2 from 'node:http2'; import net from 'node:net';
    http.createServer((req, res) => res.end('first')).listen(3000);
    ${second}.on('error', ({ code, message }) => console.log(code, message));
  `);
  await guest.writing(why);
  expect(guest.output()).toMatch(/^EADDRINUSE This app cannot listen on port 4000: /);
  expect((await guest.get('/')).text).toBe('first');
});

test('leaves a server alone that listens on a path', async () => {
  await using guest = await serveGuest(`
    import http from 'node:http'; import { mkdtempSync, rmSync } from 'node:fs';
    const folder = mkdtempSync('/tmp/own-');
    const inner = http.createServer((req, res) => res.end('inner'));
    await new Promise((done) => inner.listen(folder + '/s', done));
    export default () => new Promise((done) => http.get({ socketPath: folder + '/s' }, (answer) => {
      answer.on('data', (data) => done(new Response(data)));
      inner.close(); rmSync(folder, { recursive: true });
    }));
  `);
  expect((await guest.get('/')).text).toBe('inner');
});

test('keeps connections open, whatever time-outs the app sets', async () => {
  await using guest = await serveGuest(`
    import http from 'node:http';
    const server = http.createServer((req, res) => {
      res.end(JSON.stringify([server.keepAliveTimeout, server.requestTimeout, server.headersTimeout, server.timeout]));
    });
    server.keepAliveTimeout = 1;
    server.listen(3000);
    server.keepAliveTimeout = 1;
    server.setTimeout(1);
  `);
  const answer = await guest.get('/');
  expect(JSON.parse(answer.text)).toEqual([0, 0, 0, 0]);
  expect(answer.headers['keep-alive']).toBe(undefined);
});

test('tells packages that ask who has connected the address of a proxy', async () => {
  await using guest = await serveGuest(
    `export default ({ socket, headers }, res) =>
      res.end([socket.remoteAddress, socket.remoteFamily, headers['x-forwarded-for']].join())`,
  );
  expect((await guest.get('/', { headers: { 'x-forwarded-for': '192.0.2.7' } })).text).toBe(
    '127.0.0.1,IPv4,192.0.2.7',
  );
});

test('takes WebSockets by the ws package', async () => {
  await using guest = await serveGuest(
    await bundleApp(`
      import { createServer } from 'node:http';
      import { WebSocketServer } from 'ws';
      const server = createServer((req, res) => res.end('plain'));
      new WebSocketServer({ server, path: '/ws' }).on('connection', (socket) => {
        socket.on('message', (data) => socket.send('echo ' + data));
      });
      server.listen(3000);
    `),
  );
  const client = new WebSocket(`ws+unix://${guest.socketPath}:/ws`);
  await once(client, 'open');
  client.send('hi');
  expect(String((await once(client, 'message'))[0])).toBe('echo hi');
  client.terminate();
  expect((await guest.get('/')).text).toBe('plain');
});

test('answers a request to upgrade like any other where the app takes none', async () => {
  await using guest = await serveGuest(
    `export default (request) => new Response(request.headers.get('upgrade'))`,
  );
  const headers = { connection: 'upgrade', upgrade: 'websocket' };
  expect((await guest.get('/', { headers })).text).toBe('websocket');
});

test('ends with the code that the app gives, or 1 when nobody catches what it throws', async () => {
  const app = `
    const ways = {
      '/exit': () => process.exit(3),
      '/throw': () => setTimeout(() => { throw new Error('nobody catches') }),
      '/reject': () => { Promise.reject(new Error('nobody handles')); },
    };
    export default (request) => { ways[new URL(request.url).pathname](); return new Response(); };
  `;
  for (const [path, code, written] of [
    ['/exit', 3, ''],
    ['/throw', 1, 'nobody catches'],
    ['/reject', 1, 'nobody handles'],
  ] as const) {
    await using guest = await serveGuest(app);
    await guest.get(path).catch(() => {});
    expect(await guest.exit).toEqual({ code, signal: null });
    expect(guest.output()).toContain(written);
    if (written !== '') expect(guest.output()).toContain('file:///app/app.mjs:');
  }
});

test('an app that opens its server and fails afterwards has failed to load', async () => {
  await using guest = await startGuestProcess();
  guest.load(`
    import http from 'node:http';
    http.createServer().listen(3000);
    await new Promise((done) => setTimeout(done, 30));
    throw new Error('too late');
  `);
  expect(await guest.saying('failed')).toMatchObject({ message: 'Error: too late' });
  expect(guest.said.map(({ said }) => said)).toEqual(['warm', 'taken', 'failed']);
});
