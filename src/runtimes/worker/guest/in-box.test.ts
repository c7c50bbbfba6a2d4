import { once } from 'node:events';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBox } from '../../../sandbox/index.ts';
import { CERTIFICATE } from '../../boxed/guest/testing/certificate.ts';
import type { Runtime } from '../../runtime.ts';
import { type ServedApp, serveApp } from '../../testing/served-app.ts';
import { createWorker } from '../create-worker.ts';
import { workerPlace } from '../testing/worker-place.ts';

const APP = `
  import fs, { existsSync } from 'node:fs'; import https from 'node:https'; import net from 'node:net'; import os, { cpus } from 'node:os';
  const tries = {
    memory: () => Object.entries(process.memoryUsage()).filter(([, bytes]) => bytes > 1 << 20).map(([name]) => name),
    rss: () => process.memoryUsage.rss() > 1 << 20,
    available: () => process.availableMemory() > 1 << 20,
    cpus: () => [os.cpus().length, cpus().length].map((count) => count >= 1),
    user: () => [os.homedir(), os.userInfo().username, os.tmpdir()],
    interfaces: () => os.networkInterfaces(),
    files: () => ['/etc/passwd', '/app/app.mjs', '/app/guest.mjs', '/tmp'].map((path) => existsSync(path)),
    beside: () => { try { fs.readFileSync('.env'); } catch ({ code }) { return code; } },
    program: () => [process.argv[1] === import.meta.filename, process.cwd()],
    written: () => { fs.writeFileSync('/tmp/a', 'x'); return fs.readFileSync('/tmp/a', 'utf8'); },
    listening: () => new Promise((done) => net.createServer().on('error', ({ code, message }) => done(message)).listen(9000)),
    secure: () => new Promise((done, failed) => {
      https.get('https://tls.test/', { ca: ${JSON.stringify(CERTIFICATE.cert)} }, (answer) => {
        answer.on('data', (data) => done([String(data), answer.socket.authorized]));
      }).on('error', failed);
    }),
    clock: () => new Intl.DateTimeFormat('pl', { timeZone: 'Europe/Warsaw', dateStyle: 'long' }).format(new Date(0)),
  };
  export default { fetch: async (request: Request) => Response.json(await tries[new URL(request.url).pathname.slice(1)]()) };
`;

const secure = createSecureServer(CERTIFICATE, (_, response) => response.end('secure'));
let home: Awaited<ReturnType<typeof workerPlace>>;
let served: ServedApp;
beforeAll(async () => {
  home = await workerPlace();
  const worker = createWorker({ openBox });
  const runtime = {
    start: (spec: Parameters<Runtime['start']>[0]) =>
      worker.start({ ...spec, place: home.place, memoryMb: 128 }),
  } as Runtime;
  secure.listen(0, '127.0.0.1');
  await once(secure, 'listening');
  const { port } = secure.address() as AddressInfo;
  served = await serveApp(runtime, {
    artifactDir: await home.artifactOf(APP),
    channel: { dial: async () => connect(port, '127.0.0.1') },
  });
});
afterAll(async () => {
  await served.app.purge();
  served.closeServer();
  secure.close();
  await home[Symbol.asyncDispose]();
});

test.each([
  ['memory', ['rss', 'heapTotal', 'heapUsed', 'external']],
  ['rss', true],
  ['available', true],
  ['cpus', [true, true]],
  ['user', ['/tmp', 'app', '/tmp']],
  ['interfaces', {}],
  ['files', [false, false, true, true]],
  ['beside', 'ENOENT'],
  ['program', [true, '/app']],
  ['written', 'x'],
  ['listening', expect.stringContaining('only an HTTP server (node:http) can be reached')],
  ['secure', ['secure', true]],
  ['clock', '1 stycznia 1970'],
])('tells an app in a real box what packages ask for: %s', async (name, expected) => {
  expect(await (await fetch(`${served.url}/${name}`)).json()).toEqual(expected);
});
