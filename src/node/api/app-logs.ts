import { Readable } from 'node:stream';
import { createRoute, z } from '@hono/zod-openapi';
import { readLogQuery } from '../../supervisor/index.ts';
import { appOfOffice } from '../commands/app-of-office.ts';
import { placedOn } from '../commands/placed-on.ts';
import type { LiveState } from '../live-state.ts';
import type { SupervisorClient } from '../supervisors/supervisor-client.ts';
import { type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
import { appPath, bearer, problems } from './schemas.ts';

const filter = (description: string, example?: string) =>
  z
    .string()
    .optional()
    .openapi({ description, ...(example === undefined ? {} : { example }) });

const readLogs = createRoute({
  method: 'get',
  path: '/v1/apps/{uuid}/logs',
  tags: ['Apps'],
  summary: 'What an app has printed, and what the platform says about it',
  security: bearer,
  request: {
    params: appPath,
    query: z.object({
      tail: filter('How many of the last lines that match: 0 to 10000, default 200', '200'),
      lines: filter('The older name of `tail`'),
      follow: filter('1: go on with what is written from now on'),
      since: filter('Only lines from this time on (RFC 3339)', '2026-11-21T14:00:00Z'),
      until: filter('Only lines before this time (RFC 3339); not with `follow`'),
      origin: filter('Only from these: stdout, stderr, platform, with commas between', 'stdout,stderr'),
      q: filter('Only lines with this text, capitals or not'),
      supervisor: filter('One of its hosts; default: the one with its own address'),
      format: filter('`text`, or `jsonl`: one object with time, origin, generation and line each'),
    }),
  },
  responses: {
    200: { description: 'Lines as text/plain or application/jsonl, oldest first' },
    ...problems,
  },
});

export interface AppLogsTools {
  readonly live: LiveState;
  readonly supervisors: SupervisorClient;
}

/** `GET /v1/apps/{uuid}/logs`: forwarded to the host that has the app. */
export function appLogsRoutes({ live, supervisors }: AppLogsTools): ApiRouter {
  const router = newRouter();
  router.openapi(readLogs, async (c) => {
    requireScope(c, 'read');
    const { uuid } = c.req.valid('param');
    const { searchParams } = new URL(c.req.url);
    const host = searchParams.get('supervisor');
    searchParams.delete('supervisor');
    const { format } = readLogQuery(searchParams);
    const app = appOfOffice(live.office, askerOf(c), uuid);
    const { supervisor } = placedOn(app, host, 'log');
    const body = await supervisors.logs(supervisor, uuid, searchParams, c.req.raw.signal);
    body.on('error', () => {}); // the reader has gone or the supervisor ended: the response ends too
    const text = Readable.toWeb(body) as ReadableStream<Uint8Array>;
    const type = format === 'jsonl' ? 'application/jsonl' : 'text/plain; charset=utf-8';
    return new Response(text, { headers: { 'content-type': type, 'cache-control': 'no-store' } });
  });
  return router;
}
