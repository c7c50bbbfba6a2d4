import { createRoute, z } from '@hono/zod-openapi';
import type { Clock } from '../../kit/index.ts';
import { byAgent } from '../approvals/by-agent.ts';
import type { PolicyOf } from '../approvals/policies.ts';
import { appOfOffice } from '../commands/app-of-office.ts';
import { askLifeCycle } from '../commands/ask-life-cycle.ts';
import type { CommandQueue } from '../commands/command-queue.ts';
import { type LifeCycleRequest, requestLifeCycle } from '../commands/life-cycle.ts';
import type { LiveState } from '../live-state.ts';
import type { OfficeUrls } from '../office-urls.ts';
import { appRow, rowOf } from './app-row.ts';
import { type ApiContext, type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
import { appPath, bearer, idempotencyHeader, json, problems } from './schemas.ts';

const controlled = appRow.extend({
  waits: z.boolean().openapi({ description: 'Nothing is done yet: a person was asked, see `approval`' }),
});

const control = (action: LifeCycleRequest, summary: string) =>
  createRoute({
    method: 'post',
    path: `/v1/apps/{uuid}/${action}`,
    tags: ['Apps'],
    summary,
    security: bearer,
    request: { params: appPath, headers: idempotencyHeader },
    responses: { 202: json(controlled, 'The host was told, or a person was asked'), ...problems },
  });
const start = control('start', 'Start an app and keep it running');
const stop = control('stop', 'Stop an app; its versions stay');
const restart = control('restart', 'Start an app anew, beside what serves, without a failed request');
const reset = control('reset', 'Forget the failures of an app: a parked one is tried again');
const purge = createRoute({
  ...control(
    'purge',
    'Stop an app and remove what its hosts run it with; its versions stay, and its data unless `data` says otherwise',
  ),
  request: {
    params: appPath,
    headers: idempotencyHeader,
    body: {
      required: false,
      content: {
        'application/json': {
          schema: z.strictObject({
            data: z.boolean().optional().openapi({
              description:
                'Remove for good what the app has stored as well, in all environments and also on hosts it has left. Needs the scope `data`. Default: false',
            }),
          }),
        },
      },
    },
  },
});

export interface AppControlTools {
  readonly live: LiveState;
  readonly commands: CommandQueue;
  readonly urls: OfficeUrls;
  readonly clock: Clock;
  readonly policyOf: PolicyOf;
}

/** `POST /v1/apps/{uuid}/start|stop|restart|reset|purge`. */
export function appControlRoutes(tools: AppControlTools): ApiRouter {
  const { live, urls } = tools;
  const router = newRouter();
  for (const [route, wanted] of [
    [start, 'start'],
    [stop, 'stop'],
    [restart, 'restart'],
    [reset, 'reset'],
  ] as const) {
    router.openapi(route, async (c) => {
      requireScope(c, 'deploy');
      const { uuid } = c.req.valid('param');
      return c.json(await answer(c, uuid, wanted), 202);
    });
  }
  router.openapi(purge, async (c) => {
    requireScope(c, 'deploy');
    const { uuid } = c.req.valid('param');
    const { data = false } = c.req.valid('json');
    if (data) requireScope(c, 'data');
    return c.json(await answer(c, uuid, 'purge', data), 202);
  });
  return router;

  /** What an agent wants done waits for a person. */
  async function answer(c: ApiContext, uuid: string, wanted: LifeCycleRequest, data = false) {
    const asker = askerOf(c);
    const waitsFor = byAgent(asker.principal.actor) ? await askLifeCycle(tools, asker, uuid, wanted) : null;
    if (waitsFor === null) await requestLifeCycle(tools, asker, uuid, wanted, { data });
    const row = rowOf(live.office, appOfOffice(live.office, asker, uuid), urls, c.req.header('host') ?? '');
    return { ...row, approval: waitsFor ?? row.approval, waits: waitsFor !== null };
  }
}
