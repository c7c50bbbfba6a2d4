import { Hono } from 'hono';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { describe, expect, it } from 'vitest';
import { buildRouter } from './build-router.ts';

function shop(): Hono {
  const app = new Hono();
  app.use('/api/*', async (c, next) => {
    await next();
    c.header('x-passed', 'yes');
  });
  app.get('/', (c) => c.text('shop'));
  app.get('/api/items/:id', (c) => c.json({ id: c.req.param('id') }));
  app.post('/api/items', async (c) => c.json(await c.req.json(), 201));
  return app;
}

async function answers(app: Hono): Promise<unknown[]> {
  const asked = [
    app.request('/'),
    app.request('/api/items/7'),
    app.request('/api/items', { method: 'POST', body: '{"name":"bread"}' }),
    app.request('/api/nothing'),
    app.request('/', { method: 'DELETE' }),
  ];
  const all = await Promise.all(asked);
  return Promise.all(all.map(async (one) => [one.status, one.headers.get('x-passed'), await one.text()]));
}

describe('buildRouter', () => {
  it('has the router of Hono built, and nothing of the app asked; it answers what it would', async () => {
    const [app, untouched] = [shop(), shop()];
    let asked = 0;
    for (const each of [app, untouched]) each.get('/asked', (c) => c.text(`${++asked}`));
    buildRouter(app);
    expect([app.router.name, untouched.router.name, asked]).toEqual([
      'SmartRouter + RegExpRouter',
      'SmartRouter',
      0,
    ]);
    expect(await answers(app)).toEqual(await answers(untouched));
    expect(() => app.get('/late', (c) => c.text('late'))).toThrow('already built');
    expect(() => untouched.get('/late', (c) => c.text('late'))).toThrow('already built'); // as after a first request
  });

  it('takes the router that Hono takes for routes which its first one cannot have', async () => {
    const app = shop();
    app.get('/:kind/list', (c) => c.text('list'));
    app.get('/:name{[a-z]+}/*', (c) => c.text(c.req.param('name')));
    app.get('/things/:id/:more?', (c) => c.text('more'));
    app.get('/:a/:b{.+}/end', (c) => c.text('end'));
    const before = app.router.name;
    buildRouter(app);
    expect(app.router.name).not.toBe(before);
    expect(await (await app.request('/tools/list')).text()).toBe('list');
  });

  it.each([
    ['an app without Hono', { fetch: () => new Response() }],
    [
      'Hono with a router of one’s choice',
      new Hono({ router: new RegExpRouter() }).get('/', (c) => c.text('shop')),
    ],
    ['Hono without routes, which may get some', new Hono()],
    ['somebody who calls something else so', { router: { name: 'SmartRouter' }, routes: [1] }],
  ])('leaves %s alone', (_, app) => {
    const before = { ...app };
    buildRouter(app);
    expect({ ...app }).toEqual(before);
    if (app instanceof Hono) expect(() => app.get('/late', (c) => c.text('late'))).not.toThrow();
  });

  it('leaves it to each request to say that the routes are wrong', () => {
    const router = {
      name: 'SmartRouter',
      match: () => {
        throw new Error('two names at one place');
      },
    };
    expect(() => buildRouter({ router, routes: [1] })).not.toThrow();
  });
});
