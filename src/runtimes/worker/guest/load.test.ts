import { afterAll, expect, test } from 'vitest';
import { removeGuestProgram, serveGuest, startGuestProcess } from '../../boxed/guest/testing/index.ts';

afterAll(removeGuestProgram);

const failing = async (source: string) => {
  await using guest = await startGuestProcess();
  guest.load(source);
  const failed = await guest.saying('failed');
  return { ...failed, code: (await guest.exit).code };
};

test('gives the app its own environment, as env and as process.env, and nothing else', async () => {
  const source = `export default { fetch: (request, env) => Response.json([env, process.env]) }`;
  const appEnv = { GREETING: 'hëllo', EMPTY: '', TZ: 'Asia/Tokyo' };
  await using guest = await serveGuest(source, { env: { HOST_SECRET: 'canary', PWD: '/x' }, appEnv });
  expect(JSON.parse((await guest.get('/')).text)).toEqual([appEnv, appEnv]);
});

test('loads a module that awaits at its top, and asks where it is and for modules of Node', async () => {
  await using guest = await serveGuest(`
    import { createRequire } from 'node:module';
    import { basename } from 'path';
    const require = createRequire(import.meta.url);
    const { createHash } = require('node:crypto');
    const { gzipSync } = await import('node:zlib');
    const late = await new Promise((done) => setTimeout(done, 5, 'late'));
    export default { fetch: () => Response.json([
      import.meta.url, import.meta.filename, import.meta.dirname, late, basename('/a/b'),
      createHash('sha256').update('x').digest('hex').length, gzipSync('x').length > 0,
      new Intl.NumberFormat('de').format(1234.5),
    ]) };
  `);
  expect(JSON.parse((await guest.get('/')).text)).toEqual([
    'file:///app/app.mjs',
    '/app/app.mjs',
    '/app',
    'late',
    'b',
    64,
    true,
    '1.234,5',
  ]);
});

test('takes a module of several megabytes with characters of every width', async () => {
  const text = 'aé漢🦊'.repeat(200_000);
  await using guest = await serveGuest(
    `const text = ${JSON.stringify(text)}; export default () => new Response(text);`,
  );
  expect((await guest.get('/')).text).toBe(text);
});

test('names places of the module in stacks', async () => {
  await using guest = await serveGuest(
    `export default { fetch() {\n  try { null.x } catch ({ stack }) { return new Response(stack) }\n} };`,
  );
  expect((await guest.get('/')).text).toContain('at Object.fetch (file:///app/app.mjs:2:14)');
});

test('says what a module has thrown and where, and ends', async () => {
  expect(await failing(`\nthrow new RangeError('too much')`)).toMatchObject({
    message: 'RangeError: too much',
    stack: expect.stringContaining('file:///app/app.mjs:2:7'),
    code: 1,
  });
  expect(await failing(`throw 'a text'`)).toMatchObject({ message: 'a text', stack: null });
  expect(await failing(`await Promise.reject(null)`)).toMatchObject({ message: 'null', stack: null });
  expect(await failing(`const { x = 1`)).toMatchObject({
    message: expect.stringContaining('SyntaxError'),
    code: 1,
  });
  expect(await failing(`import './other.js'`)).toMatchObject({
    message: expect.stringContaining('other.js'),
    code: 1,
  });
});

test('cuts what it says of an endless message', async () => {
  const { message } = await failing(`throw new Error('\\u0001'.repeat(10_000_000))`);
  expect(JSON.stringify(message).length).toBeLessThan(128 * 1024);
});

test('says so when a module neither exports what takes requests nor listens, or never ends awaiting', async () => {
  expect((await failing(`export const fetch = () => new Response()`)).message).toContain(
    'export default { fetch(request) }',
  );
  expect((await failing(`await new Promise(() => {})`)).message).toContain('top-level await');
});

test('ends as the app says while it is loaded, without another word', async () => {
  await using guest = await startGuestProcess();
  guest.load(`console.log('bye'); process.exit(3)`);
  expect(await guest.exit).toEqual({ code: 3, signal: null });
  expect(guest.said).toEqual([{ said: 'warm' }, { said: 'taken' }]);
  expect(guest.output()).toBe('bye\n');
});

test('ends when its host has gone, before and after an app came', async () => {
  await using empty = await startGuestProcess();
  await empty.saying('warm');
  empty.hangUp();
  await using busy = await serveGuest(`setInterval(() => {}, 10); export default () => new Response()`);
  busy.hangUp();
  expect([(await empty.exit).code, (await busy.exit).code]).toEqual([1, 1]);
});

test('answers a ping while the app is loaded and while it serves', async () => {
  await using guest = await startGuestProcess();
  await guest.saying('warm');
  guest.load(`await new Promise((done) => setTimeout(done, 50)); export default () => new Response('up');`);
  guest.tell({ cmd: 'ping', n: 7 });
  expect(await guest.saying('pong')).toEqual({ said: 'pong', n: 7 });
  expect(guest.said.map(({ said }) => said)).toEqual(['warm', 'taken', 'pong']);
  await guest.saying('ready');
});

test('is not confused by an app that replaces what everyone uses', async () => {
  await using guest = await serveGuest(`
    JSON.stringify = () => { throw new Error('stringify') };
    process.exit = () => {};
    Promise.prototype.then = new Proxy(Promise.prototype.then, {});
    export default (request) => new Response('still here');
  `);
  expect((await guest.get('/')).text).toBe('still here');
  guest.tell({ cmd: 'ping', n: 1 });
  await guest.saying('pong');
  guest.hangUp();
  expect((await guest.exit).code).toBe(1);
});

test.each([0, 20])('lets nothing of a rehearsal reach the app, which comes %d turns later', async (turns) => {
  await using guest = await startGuestProcess();
  await guest.saying('warm');
  guest.tell({ cmd: 'rehearse' });
  for (let n = 1; n <= turns; n++) {
    guest.tell({ cmd: 'ping', n });
    await expect.poll(() => guest.said).toContainEqual({ said: 'pong', n });
  }
  guest.load(`let n = 0; export default { fetch: () => new Response(String(++n)) }`);
  await guest.saying('ready');
  expect((await guest.get('/')).text).toBe('1');
  expect(guest.output()).toBe('');
});
