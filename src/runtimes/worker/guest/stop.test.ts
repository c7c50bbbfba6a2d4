import { once } from 'node:events';
import { Agent, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { removeGuestProgram, serveGuest, startGuestProcess } from '../../boxed/guest/testing/index.ts';

afterAll(removeGuestProgram);

const STOP = { cmd: 'stop', grace_ms: 5_000 } as const;

test('has nothing left to do when nothing runs, and ends by itself', async () => {
  await using guest = await serveGuest(`export default () => new Response('ok')`);
  expect((await guest.get('/')).text).toBe('ok');
  guest.tell(STOP);
  await guest.saying('stopped');
  expect((await guest.exit).code).toBe(0);
  expect(guest.said.map(({ said }) => said)).toEqual(['warm', 'taken', 'ready', 'stopped']);
});

test('is stopped at once while it is still empty', async () => {
  await using guest = await startGuestProcess();
  guest.tell(STOP);
  await guest.saying('stopped');
});

test('finishes what runs first', async () => {
  await using guest = await serveGuest(`export default async (request) => {
    console.log('begun');
    return new Response(await request.text());
  }`);
  const request = guest.open({ path: '/', method: 'POST' });
  const answered = once(request, 'response');
  request.write('first ');
  await guest.writing('begun');
  guest.tell(STOP);
  guest.tell({ cmd: 'ping', n: 1 });
  await guest.saying('pong');
  expect(guest.said.some(({ said }) => said === 'stopped')).toBe(false);
  request.end('second');
  const [answer] = (await answered) as [IncomingMessage];
  expect(await text(answer)).toBe('first second');
  await guest.saying('stopped');
});

test('waits for the work in the background', async () => {
  await using guest = await serveGuest(`
    export default { fetch(request, env, context) {
      context.waitUntil(new Promise((done) => setTimeout(done, 200)).then(() => console.log('done')));
      return new Response();
    } };
  `);
  await guest.get('/');
  guest.tell(STOP);
  await guest.saying('stopped');
  expect(guest.output()).toBe('done\n');
});

test('leaves the end to an app that listens to SIGTERM', async () => {
  await using guest = await serveGuest(`
    import http from 'node:http';
    const server = http.createServer((req, res) => res.end('ok')).listen(3000);
    process.once('SIGTERM', (signal) => {
      console.log(signal);
      server.close((error) => setTimeout(() => { console.log('closed', error); process.exit(4); }, 50));
    });
  `);
  expect((await guest.get('/')).text).toBe('ok');
  guest.tell(STOP);
  expect((await guest.exit).code).toBe(4);
  expect(guest.output()).toBe('SIGTERM\nclosed undefined\n');
  expect(guest.said.some(({ said }) => said === 'stopped')).toBe(false);
});

test('has nothing left to do once an app that listens to SIGTERM has closed all it had', async () => {
  await using guest = await serveGuest(`
    import http from 'node:http';
    const server = http.createServer((req, res) => res.end('ok')).listen(3000);
    const timer = setInterval(() => {}, 10);
    process.on('SIGTERM', () => { server.close(); setTimeout(() => clearInterval(timer), 30); });
  `);
  const agent = new Agent({ keepAlive: true });
  expect((await guest.get('/', { agent })).text).toBe('ok');
  guest.tell(STOP);
  await guest.saying('stopped');
  expect((await guest.exit).code).toBe(0);
  agent.destroy();
});

test('closes the connection of a request that was at work when the app closed its server', async () => {
  await using guest = await serveGuest(`
    import http from 'node:http';
    const server = http.createServer((req, res) => { console.log('begun'); req.on('end', () => res.end('ok')).resume(); });
    server.listen(3000);
    process.on('SIGTERM', () => { console.log('told'); server.close(() => process.exit(4)); });
  `);
  const agent = new Agent({ keepAlive: true });
  const request = guest.open({ path: '/', method: 'POST', agent });
  const answered = once(request, 'response');
  request.flushHeaders();
  await guest.writing('begun');
  guest.tell(STOP);
  await guest.writing('told');
  request.end();
  const [answer] = (await answered) as [IncomingMessage];
  expect(await text(answer)).toBe('ok');
  expect((await guest.exit).code).toBe(4);
  agent.destroy();
});
