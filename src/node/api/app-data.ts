import { Readable } from 'node:stream';
import { createRoute, z } from '@hono/zod-openapi';
import { appOfOffice } from '../commands/app-of-office.ts';
import { placedOn } from '../commands/placed-on.ts';
import type { LiveState } from '../live-state.ts';
import type { SupervisorClient } from '../supervisors/supervisor-client.ts';
import { type ApiContext, type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
import { appPath, bearer, json, problems } from './schemas.ts';

/** Headers that mean something to the data of an app, and to who asks for it. */
const PASSED_ON = ['content-type', 'content-length', 'if-match', 'if-none-match'] as const;
const PASSED_BACK = ['content-type', 'content-length', 'etag', 'retry-after'] as const;

const keyPath = appPath.extend({
  key: z.string().openapi({
    param: { name: 'key', in: 'path' },
    description: 'Percent-encoded, `/` as well',
    example: 'greeting',
  }),
});
const common = { tags: ['Data'], security: bearer };
const bytes = { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } };
const condition = z.object({ 'if-match': z.string().optional(), 'if-none-match': z.string().optional() });

const readStored = createRoute({
  ...common,
  method: 'get',
  path: '/v1/apps/{uuid}/data',
  summary: 'How much an app has stored, on each of its hosts and in each environment',
  request: { params: appPath },
  responses: {
    200: json(
      z.object({
        hosts: z.array(
          z.object({
            supervisor: z.string(),
            current: z
              .boolean()
              .openapi({ description: 'The app uses what is there; else it was left behind' }),
            environments: z
              .array(z.object({ environment: z.string(), bytes: z.int() }))
              .readonly()
              .nullable()
              .openapi({ description: 'null: the host is away' }),
          }),
        ),
      }),
      'Hosts that have, or may have, something of it',
    ),
    ...problems,
  },
});
const listKeys = createRoute({
  ...common,
  method: 'get',
  path: '/v1/apps/{uuid}/data/kv',
  summary: 'Keys that an app has stored, in the order of their bytes',
  request: {
    params: appPath,
    query: z.object({
      prefix: z.string().optional(),
      limit: z.string().optional().openapi({ description: '1 to 1000; default 100' }),
      cursor: z.string().optional(),
      values: z.string().optional().openapi({ description: '`true`: with the values, as base64' }),
    }),
  },
  responses: {
    200: json(z.object({ entries: z.array(z.unknown()), next: z.string().nullable() }), 'A page of keys'),
    ...problems,
  },
});
const readKey = createRoute({
  ...common,
  method: 'get',
  path: '/v1/apps/{uuid}/data/kv/{key}',
  summary: 'A value that an app has stored; its revision is the `etag`',
  request: { params: keyPath },
  responses: { 200: { description: 'The bytes, with their own type', content: bytes }, ...problems },
});
const writeKey = createRoute({
  ...common,
  method: 'put',
  path: '/v1/apps/{uuid}/data/kv/{key}',
  summary: 'Store a value for an app',
  request: { params: keyPath, headers: condition, body: { content: bytes } },
  responses: { 200: json(z.object({ revision: z.string() }), 'It is on disk'), ...problems },
});
const deleteKey = createRoute({
  ...common,
  method: 'delete',
  path: '/v1/apps/{uuid}/data/kv/{key}',
  summary: 'Remove a key of an app',
  request: { params: keyPath, headers: condition },
  responses: { 204: { description: 'It is not there any more' }, ...problems },
});
const runSql = createRoute({
  ...common,
  method: 'post',
  path: '/v1/apps/{uuid}/data/sql',
  summary: 'Run SQL in the database of an app: `{sql, params}`, or `{batch}` in one transaction',
  request: { params: appPath, body: { content: { 'application/json': { schema: z.unknown() } } } },
  responses: { 200: json(z.unknown(), 'Columns and rows, or `results` of a batch'), ...problems },
});

export interface AppDataTools {
  readonly live: LiveState;
  readonly supervisors: SupervisorClient;
}

/** `/v1/apps/{uuid}/data/…`: forwarded to the host of the app's own address, where its data lies (CONTRACTS §9). */
export function appDataRoutes({ live, supervisors }: AppDataTools): ApiRouter {
  const router = newRouter();
  router.openapi(readStored, async (c) => {
    requireScope(c, 'read');
    const app = appOfOffice(live.office, askerOf(c), c.req.valid('param').uuid);
    const all = await Promise.all(
      [...app.placements.keys()].sort().map(async (supervisor) => {
        const environments = await supervisors.stored(supervisor, app.uuid).catch(() => null);
        return { supervisor, current: supervisor === app.dataOn, environments };
      }),
    );
    const hosts = all.filter(
      ({ current, environments }) => current || environments === null || environments.length > 0,
    );
    return c.json({ hosts }, 200);
  });
  // Bodies are not looked at here: they pass to the host as they come, which bounds them.
  for (const { method, path } of [listKeys, readKey, writeKey, deleteKey, runSql]) {
    router.on(method, path.replaceAll(/\{(\w+)\}/g, ':$1'), forward);
  }
  for (const route of [listKeys, readKey, writeKey, deleteKey, runSql])
    router.openAPIRegistry.registerPath(route);
  return router;

  async function forward(c: ApiContext): Promise<Response> {
    requireScope(c, 'data');
    const { uuid } = appPath.parse({ uuid: c.req.param('uuid') });
    const { supervisor } = placedOn(appOfOffice(live.office, askerOf(c), uuid), null, 'data');
    const { pathname, search } = new URL(c.req.url);
    const target = pathname.slice(pathname.indexOf('/data/') + '/data'.length) + search;
    const { body, headers, method, signal } = c.req.raw;
    const answer = await supervisors.data(supervisor, uuid, {
      method: method as 'GET' | 'PUT' | 'DELETE' | 'POST',
      target,
      headers: picked(PASSED_ON, (name) => headers.get(name)),
      body: body === null ? null : Readable.fromWeb(body as import('node:stream/web').ReadableStream),
      signal,
    });
    answer.body.on('error', () => {}); // the reader has gone or the supervisor ended: the response ends too
    const back = picked(PASSED_BACK, (name) => answer.headers[name]);
    const hasBody = answer.statusCode !== 204;
    if (!hasBody) await answer.body.dump();
    return new Response(hasBody ? (Readable.toWeb(answer.body) as ReadableStream<Uint8Array>) : null, {
      status: answer.statusCode,
      // Bytes that an app has stored are nothing that a browser may take for a page of the office.
      headers: {
        ...back,
        'cache-control': 'no-store',
        'content-security-policy': 'sandbox',
        'x-content-type-options': 'nosniff',
      },
    });
  }
}

function picked(
  names: readonly string[],
  textOf: (name: string) => string | string[] | null | undefined,
): Record<string, string> {
  const found = names.map((name) => [name, textOf(name)] as const);
  return Object.fromEntries(found.filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
}
