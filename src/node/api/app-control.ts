import { createRoute } from '@hono/zod-openapi';
import type { Clock } from '../../kit/index.ts';
import { appOfOffice } from '../commands/app-of-office.ts';
import type { CommandQueue } from '../commands/command-queue.ts';
import { requestRunning } from '../commands/start-stop.ts';
import type { LiveState } from '../live-state.ts';
import type { OfficeUrls } from '../office-urls.ts';
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

export interface AppControlTools {
  readonly live: LiveState;
  readonly commands: CommandQueue;
  readonly urls: OfficeUrls;
  readonly clock: Clock;
}

/** `POST /v1/apps/{uuid}/start|stop`. */
export function appControlRoutes(tools: AppControlTools): ApiRouter {
  const { live, urls } = tools;
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
  return router;
}
