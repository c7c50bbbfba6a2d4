import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { afterAll, describe, expect, test } from 'vitest';
import type { ApiEnv } from '../../src/node/index.ts';
import { uncovered } from './covered.ts';
import { ENTRIES, entriesOf } from './entries/index.ts';
import { type Entry, nameOf } from './entry.ts';
import { mutationFailures } from './mutations.ts';
import { isMutation } from './operation.ts';
import { startWorld } from './start-world.ts';
import { anonymousFailures, strangerFailures } from './strangers.ts';

describe('every mutation appends an event of who asked for it:', async () => {
  const world = await startWorld('alpha');
  afterAll(() => world[Symbol.asyncDispose]());

  for (const operation of world.operations.filter(isMutation)) {
    for (const entry of entriesOf(operation)) {
      test(nameOf(entry), async () => {
        expect(await mutationFailures(world, operation, entry)).toEqual([]);
      });
    }
  }

  test('the exceptions are few, and each says why', () => {
    const exceptions = ENTRIES.filter(({ appendsNothing }) => appendsNothing !== undefined);
    expect(exceptions.map(({ operation }) => operation)).toEqual([
      'POST /v1/spawns',
      'POST /v1/sessions',
      'POST /v1/apps/{uuid}/uploads',
      'PATCH /v1/apps/{uuid}/uploads/{id}',
      'PUT /v1/apps/{uuid}/data/kv/{key}',
      'DELETE /v1/apps/{uuid}/data/kv/{key}',
      'POST /v1/apps/{uuid}/data/sql',
      'PUT /v1/blobs/{digest}',
      'POST /v1/secrets/changes',
      'POST /v1/secrets/master-key',
    ]);
  });
});

/** Routes as somebody might write them in a hurry. */
function carelessRoutes(): OpenAPIHono<ApiEnv> {
  const routes = new OpenAPIHono<ApiEnv>();
  const route = (method: 'get' | 'post', path: string) =>
    createRoute({ method, path, responses: { 200: { description: 'Done' } } });
  const notes: string[] = [];
  routes.openapi(route('post', '/v1/notes'), (c) => {
    notes.push(c.get('principal').office);
    return c.body(null, 200);
  });
  routes.openapi(route('get', '/v1/notes/{office}'), (c) =>
    c.text(`notes of ${c.req.param('office')}: quince`),
  );
  routes.openapi(route('get', '/open-notes'), (c) => c.text('notes'));
  return routes;
}

describe('the walks notice', async () => {
  const world = await startWorld('alpha', { extraRoutes: carelessRoutes() });
  afterAll(() => world[Symbol.asyncDispose]());
  const note: Entry = {
    operation: 'POST /v1/notes',
    allowed: 'read',
    call: () => ({}),
    status: 200,
    stranger: 'own',
  };
  const read: Entry = {
    operation: 'GET /v1/notes/{office}',
    allowed: 'read',
    call: (_world, { slug }) => ({ params: { office: slug } }),
    status: 200,
    stranger: 'own',
  };
  const open: Entry = {
    operation: 'GET /open-notes',
    allowed: 'read',
    call: () => ({}),
    status: 200,
    stranger: 'own',
  };
  const operation = ({ operation: key }: Entry) => world.operations.find((each) => each.key === key)!;

  test('a route that asks for no credential', async () => {
    expect(await anonymousFailures(world, operation(open), open)).toEqual([
      expect.stringMatching(/^nobody is answered 200 instead of 401/),
    ]);
  });

  test('a route without an entry', () => {
    const planted = world.operations.filter(({ path }) => path.includes('notes'));
    expect(uncovered(planted, [])).toEqual([
      expect.stringMatching(/^POST \/v1\/notes has no entry: add one under test\/api\/entries/),
      expect.stringMatching(/^GET \/v1\/notes\/\{office\} has no entry/),
      expect.stringMatching(/^GET \/open-notes has no entry/),
    ]);
    expect(uncovered([], [note])).toEqual([expect.stringMatching(/not in \/openapi\.json/)]);
  });

  test('a mutation that appends nothing', async () => {
    expect(await mutationFailures(world, operation(note), note)).toEqual([
      expect.stringMatching(/appends no event of user:quince-owner/),
    ]);
  });

  test('an answer that holds what is another office’s', async () => {
    expect(await strangerFailures(world, operation(read), read)).toContainEqual(
      expect.stringMatching(/^the other office’s viewer is told "quince"/),
    );
    const hidden: Entry = { ...read, stranger: 'hidden' };
    expect(await strangerFailures(world, operation(hidden), hidden)).toContainEqual(
      expect.stringMatching(/^the other office’s viewer is answered 200 instead of 404/),
    );
  });
});
