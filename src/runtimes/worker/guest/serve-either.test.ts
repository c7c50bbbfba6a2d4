import { afterAll, expect, test } from 'vitest';
import { bundleApp, removeGuestProgram, serveGuest } from '../../boxed/guest/testing/index.ts';

afterAll(removeGuestProgram);

/** A function that hands on what it gets: nothing of its own says what it takes. */
const handsOn = (inner: string) => `const inner = ${inner}; export default (a, b) => inner(a, b);`;

test('serves (request, env) of a function that does not say that it takes that', async () => {
  await using guest = await serveGuest(
    handsOn(
      `async (request, env) => new Response([env.NAME, new URL(request.url).pathname, await request.text()].join())`,
    ),
    { appEnv: { NAME: 'Ada' } },
  );
  expect((await guest.get('/a')).text).toBe('Ada,/a,');
  expect((await guest.get('/b', { method: 'POST', body: 'words' })).text).toBe('Ada,/b,words');
  expect(guest.output()).toBe('');
});

test('serves (request, env) that finds an environment where there is none: what it answered then is not sent', async () => {
  await using guest = await serveGuest(handsOn(`(request, env) => new Response('for ' + env.NAME)`), {
    appEnv: { NAME: 'Ada' },
  });
  expect((await guest.get('/')).text).toBe('for Ada');
});

test('serves (req, res) that answers at once, later, or by a promise', async () => {
  await using guest = await serveGuest(
    handsOn(`(req, res) => {
      if (req.url === '/later') return void setTimeout(() => res.end('later'), 20);
      if (req.url === '/promise') return Promise.resolve().then(() => res.end('promise'));
      return res.end('now ' + req.url);
    }`),
  );
  expect((await guest.get('/later')).text).toBe('later');
  expect((await guest.get('/promise')).text).toBe('promise');
  expect((await guest.get('/x')).text).toBe('now /x');
});

test('serves the listener of an app in the manner of Koa, which hands both on', async () => {
  await using guest = await serveGuest(`
    class App {
      middleware = [];
      use(fn) { this.middleware.push(fn); return this; }
      callback() {
        const handleRequest = (req, res) => this.handleRequest(this.createContext(req, res));
        return handleRequest;
      }
      createContext(req, res) { res.statusCode = 404; return { req, res, headers: req.headers }; }
      async handleRequest(ctx) {
        for (const fn of this.middleware) await fn(ctx);
        if (ctx.body !== undefined) ctx.res.statusCode = 200;
        ctx.res.end(ctx.body ?? 'Not Found');
      }
    }
    export default new App().use(async (ctx) => { if (ctx.req.url === '/') ctx.body = 'koa'; }).callback();
  `);
  expect(await guest.get('/none')).toMatchObject({ status: 404, text: 'Not Found' });
  expect(await guest.get('/')).toMatchObject({ status: 200, text: 'koa' });
});

test('answers 500 where the function fails both ways, writes both down, and asks again', async () => {
  await using guest = await serveGuest(
    handsOn(
      `(a, b) => { if (globalThis.ready) return b.end('up'); globalThis.ready = globalThis.asked; globalThis.asked = true; throw new Error('not yet'); }`,
    ),
  );
  const failed = await guest.get('/');
  expect(failed.status).toBe(500);
  await guest.writing('not yet');
  expect((await guest.get('/')).text).toBe('up');
});

test.each([
  [`export default async function (request, env) { return new Response('hi ' + env.NAME); }`, 'hi Ada'],
  [
    `export default async (request, env, context) => Response.json([env.NAME, typeof context.waitUntil])`,
    '["Ada","function"]',
  ],
  [
    `export default function handler(req, res) { res.statusCode = 201; res.end('node ' + req.url); }`,
    'node /',
  ],
  [
    `import { Hono } from 'hono'; import { getRequestListener } from '@hono/node-server';
     const app = new Hono(); app.get('/', (c) => c.text('hono')); export default getRequestListener(app.fetch);`,
    'hono',
  ],
  [
    `import { Hono } from 'hono'; const app = new Hono(); app.get('/', (c) => c.text('hono ' + c.env.NAME));
     export default (request, env) => app.fetch(request, env);`,
    'hono Ada',
  ],
])('serves %s', async (source, text) => {
  await using guest = await serveGuest(await bundleApp(source), { appEnv: { NAME: 'Ada' } });
  expect((await guest.get('/')).text).toBe(text);
});
