import { createRoute, z } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import type { LogStore } from '../../log/index.ts';
import { deploymentsOf, runtimeKind } from '../../state/index.ts';
import { appOfOffice } from '../commands/app-of-office.ts';
import { cancelDeployment, deploymentOfOffice } from '../commands/cancel-deployment.ts';
import { type DeployCommandTools, requestDeployment } from '../commands/request-deployment.ts';
import { requestRollback } from '../commands/request-rollback.ts';
import { isFinal, type Progress } from '../deploys/progress.ts';
import { type ApiRouter, askerOf, newRouter } from './context.ts';
import { deploymentRow, deploymentRowOf } from './deployment-row.ts';
import { requireScope } from './guards.ts';
import { keyOfIndex, pageOf } from './paging.ts';
import { appPath, bearer, idempotencyHeader, json, pageQuery, problems } from './schemas.ts';

const deploymentPath = z.object({ id: z.uuid().openapi({ param: { name: 'id', in: 'path' } }) });

const wantedVersion = z.int().min(1).optional();
const wantedTargets = z
  .array(
    z.strictObject({
      supervisor: z.string().min(1).max(63),
      runtime: runtimeKind.optional(),
      env: z.record(z.string(), z.string()).optional(),
    }),
  )
  .min(1)
  .max(64)
  .optional()
  .openapi({ description: 'Where, instead of `[[deploy]]` of the version: each on another supervisor' });

const leaveData = z.boolean().optional().openapi({
  description:
    'The app may go where its data is not, and begins there without it: what it has stored stays where it is',
});

const ask = (verb: 'deploy' | 'rollback', summary: string) =>
  createRoute({
    method: 'post',
    path: `/v1/apps/{uuid}/${verb}`,
    tags: ['Deployments'],
    summary,
    security: bearer,
    request: {
      params: appPath,
      headers: idempotencyHeader,
      body: {
        content: {
          'application/json': {
            schema: z.object({ version: wantedVersion, targets: wantedTargets, leave_data: leaveData }),
          },
        },
      },
    },
    responses: { 202: json(z.object({ deployment_id: z.string() }), 'Under way'), ...problems },
  });
const deploy = ask('deploy', 'Put a version in place; the newest when none is named');
const rollback = ask('rollback', 'Put a version back that was in place; the last one when none is named');

const listDeployments = createRoute({
  method: 'get',
  path: '/v1/apps/{uuid}/deployments',
  tags: ['Deployments'],
  summary: 'Deployments of an app, the newest first',
  security: bearer,
  request: { params: appPath, query: pageQuery },
  responses: {
    200: json(
      z.object({ deployments: z.array(deploymentRow), next_cursor: z.string().nullable() }),
      'One page',
    ),
    ...problems,
  },
});

const readDeployment = createRoute({
  method: 'get',
  path: '/v1/deployments/{id}',
  tags: ['Deployments'],
  summary: 'Where a deployment is',
  security: bearer,
  request: { params: deploymentPath },
  responses: { 200: json(deploymentRow, 'The deployment'), ...problems },
});

const cancel = createRoute({
  method: 'delete',
  path: '/v1/deployments/{id}',
  tags: ['Deployments'],
  summary: 'Call a deployment off; what was in place before stays or comes back',
  security: bearer,
  request: { params: deploymentPath, headers: idempotencyHeader },
  responses: { 200: json(deploymentRow, 'The deployment, called off'), ...problems },
});

const followDeployment = createRoute({
  method: 'get',
  path: '/v1/deployments/{id}/stream',
  tags: ['Deployments'],
  summary: 'Progress as server-sent events, from the request to the end',
  security: bearer,
  request: { params: deploymentPath },
  responses: {
    200: {
      description: 'One `{phase, supervisor?, detail?, reason?, log_tail?}` per event',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    ...problems,
  },
});

export interface DeploymentsTools extends DeployCommandTools {
  readonly log: Pick<LogStore, 'read'>;
  readonly progress: Progress;
}

/** `POST /v1/apps/{uuid}/deploy|rollback`, `GET /v1/apps/{uuid}/deployments`, `GET,DELETE /v1/deployments/{id}` and its stream. */
export function deploymentsRoutes(tools: DeploymentsTools): ApiRouter {
  const { live, progress } = tools;
  const router = newRouter();
  for (const [route, request] of [
    [deploy, requestDeployment],
    [rollback, requestRollback],
  ] as const) {
    router.openapi(route, async (c) => {
      requireScope(c, 'deploy');
      const { version = null, targets = null, leave_data = false } = c.req.valid('json');
      const wanted = {
        version,
        targets:
          targets?.map(({ supervisor, runtime = null, env = {} }) => ({ supervisor, runtime, env })) ?? null,
        leaveData: leave_data,
      };
      const id = await request(tools, askerOf(c), c.req.valid('param').uuid, wanted);
      return c.json({ deployment_id: id }, 202);
    });
  }
  router.openapi(listDeployments, (c) => {
    requireScope(c, 'read');
    const app = appOfOffice(live.office, askerOf(c), c.req.valid('param').uuid);
    const rows = deploymentsOf(live.office, app.uuid)
      .map((deployment, index) => ({ deployment, key: keyOfIndex(index) }))
      .reverse();
    const page = pageOf(rows, ({ key }) => key, c.req.valid('query'));
    const deployments = page.rows.map(({ deployment }) => deploymentRowOf(deployment));
    return c.json({ deployments, next_cursor: page.next }, 200);
  });
  router.openapi(readDeployment, (c) => {
    requireScope(c, 'read');
    const deployment = deploymentOfOffice(live.office, askerOf(c), c.req.valid('param').id);
    return c.json(deploymentRowOf(deployment), 200);
  });
  router.openapi(cancel, async (c) => {
    requireScope(c, 'deploy');
    const deployment = await cancelDeployment(tools, askerOf(c), c.req.valid('param').id);
    return c.json(deploymentRowOf(deployment), 200);
  });
  router.openapi(followDeployment, (c) => {
    requireScope(c, 'read');
    const { id } = deploymentOfOffice(live.office, askerOf(c), c.req.valid('param').id);
    return streamSSE(c, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      for (let seen = 0; !gone.signal.aborted; ) {
        const step = progress.steps(id)[seen];
        if (step === undefined) {
          await progress.changed(id, gone.signal);
          continue;
        }
        seen += 1;
        await stream.writeSSE({ data: JSON.stringify(step) });
        if (isFinal(step)) return;
      }
    });
  });
  return router;
}
