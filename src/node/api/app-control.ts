import { Readable } from 'node:stream';
import { createRoute, z } from '@hono/zod-openapi';
import type { Clock } from '../../kit/index.ts';
import { appOfOffice } from '../commands/app-of-office.ts';
import type { CommandQueue } from '../commands/command-queue.ts';
import { requestRunning } from '../commands/start-stop.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import type { OfficeUrls } from '../office-urls.ts';
import type { SupervisorClient } from '../supervisors/supervisor-client.ts';
import { appRow, rowOf } from './app-row.ts';
import { type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
import { appPath, bearer, idempotencyHeader, json, problems } from './schemas.ts';

const control = (action: 'start' | 'stop', summary: string) =>
  createRoute({
    method: 'post',
    path: `/v1/apps/{uuid}/${action}`,
    tags: ['Apps'],
    summary,
    security: bearer,
    request: { params: appPath, headers: idempotencyHeader },
    responses: { 202: json(appRow, 'The host was told'), ...problems },
  });
const start = control('start', 'Start an app and keep it running');
const stop = control('stop', 'Stop an app; its versions stay');

const readLogs = createRoute({
  method: 'get',
  path: '/v1/apps/{uuid}/logs',
  tags: ['Apps'],
  summary: 'The app’s own output',
  security: bearer,
  request: {
    params: appPath,
    query: z.object({
      lines: z.coerce.number().int().min(0).max(10_000).default(200),
      follow: z.enum(['0', '1', 'true', 'false', '']).optional(),
    }),
  },
  responses: {
    200: { description: 'Lines as text/plain, oldest first' },
    ...problems,
  },
});

export interface AppControlTools {
  readonly live: LiveState;
  readonly commands: CommandQueue;
  readonly supervisors: SupervisorClient;
  readonly urls: OfficeUrls;
  readonly clock: Clock;
}

/** `POST /v1/apps/{uuid}/start|stop`, `GET /v1/apps/{uuid}/logs`. */
export function appControlRoutes(tools: AppControlTools): ApiRouter {
  const { live, supervisors, urls } = tools;
  const router = newRouter();
  for (const [route, wanted] of [
    [start, 'start'],
    [stop, 'stop'],
  ] as const) {
    router.openapi(route, async (c) => {
      requireScope(c, 'deploy');
      const { uuid } = c.req.valid('param');
      await requestRunning(tools, askerOf(c), uuid, wanted);
      return c.json(rowOf(appOfOffice(live.office, askerOf(c), uuid), urls, c.req.header('host') ?? ''), 202);
    });
  }
  router.openapi(readLogs, async (c) => {
    requireScope(c, 'read');
    const { uuid } = c.req.valid('param');
    const { lines, follow } = c.req.valid('query');
    const { assignment } = appOfOffice(live.office, askerOf(c), uuid);
    if (assignment === null) {
      throw nodeError('app_not_ready', {
        what: `The app ${uuid} has no log yet`,
        why: 'it was never deployed',
      });
    }
    const query = new URLSearchParams({ lines: String(lines) });
    if (follow === '1' || follow === 'true' || follow === '') query.set('follow', '1');
    const body = await supervisors.logs(assignment.supervisor, uuid, query, c.req.raw.signal);
    body.on('error', () => {}); // the reader has gone or the supervisor ended: the response ends too
    const text = Readable.toWeb(body) as ReadableStream<Uint8Array>;
    return new Response(text, {
      headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    });
  });
  return router;
}
