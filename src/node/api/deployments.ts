import { createRoute, z } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import type { DeploymentState, OfficeState } from '../../state/index.ts';
import { type DeployCommandTools, requestDeployment } from '../commands/request-deployment.ts';
import { type DeploymentStep, isFinal, type Progress } from '../deploys/progress.ts';
import { nodeError } from '../errors.ts';
import { type ApiContext, type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
import { appPath, bearer, idempotencyHeader, json, problems } from './schemas.ts';

const deploymentPath = z.object({ id: z.uuid().openapi({ param: { name: 'id', in: 'path' } }) });

const deploymentRow = z
  .object({
    id: z.string(),
    app: z.string(),
    version: z.int(),
    phase: z.enum(['requested', 'building', 'placing', 'starting', 'succeeded', 'failed']),
    requested_at: z.string(),
    requested_by: z.string(),
    finished_at: z.string().nullable(),
    results: z.array(
      z.object({
        supervisor: z.string(),
        runtime: z.string(),
        success: z.boolean().nullable(),
        error: z.string().optional(),
      }),
    ),
    log_tail: z.array(z.string()),
  })
  .openapi('Deployment');

const deploy = createRoute({
  method: 'post',
  path: '/v1/apps/{uuid}/deploy',
  tags: ['Deployments'],
  summary: 'Put a version in place; the newest when none is named',
  security: bearer,
  request: {
    params: appPath,
    headers: idempotencyHeader,
    body: { content: { 'application/json': { schema: z.object({ version: z.int().min(1).optional() }) } } },
  },
  responses: { 202: json(z.object({ deployment_id: z.string() }), 'Under way'), ...problems },
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

const followDeployment = createRoute({
  method: 'get',
  path: '/v1/deployments/{id}/stream',
  tags: ['Deployments'],
  summary: 'Progress as server-sent events, to the end',
  security: bearer,
  request: { params: deploymentPath },
  responses: {
    200: {
      description: 'One `{phase, detail?, reason?, log_tail?}` per event',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    ...problems,
  },
});

/** `POST /v1/apps/{uuid}/deploy`, `GET /v1/deployments/{id}` and its stream. */
export function deploymentsRoutes(tools: DeployCommandTools & { readonly progress: Progress }): ApiRouter {
  const { live, progress } = tools;
  const router = newRouter();
  router.openapi(deploy, async (c) => {
    requireScope(c, 'deploy');
    const { version = null } = c.req.valid('json');
    const id = await requestDeployment(tools, askerOf(c), c.req.valid('param').uuid, version);
    return c.json({ deployment_id: id }, 202);
  });
  router.openapi(readDeployment, (c) => {
    const deployment = deploymentOf(c, live.office, c.req.valid('param').id);
    return c.json(rowOf(deployment, progress), 200);
  });
  router.openapi(followDeployment, (c) => {
    const { id } = c.req.valid('param');
    deploymentOf(c, live.office, id);
    return streamSSE(c, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      for (let seen = 0; !gone.signal.aborted; ) {
        const step = stepsOf(live.office, progress, id)[seen];
        if (step === undefined) {
          await progress.changed(id, seen, gone.signal);
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

/** @throws deployment_unknown, for another office's too */
function deploymentOf(c: ApiContext, office: OfficeState, id: string): DeploymentState {
  requireScope(c, 'read');
  const deployment = office.deployments.get(id);
  const app = office.apps.get(deployment?.app ?? '');
  if (deployment !== undefined && app?.office === c.get('principal').office) return deployment;
  throw nodeError('deployment_unknown', {
    what: `No deployment ${id} in this office`,
    hint: 'See `tabbify events`',
  });
}

/** What was said of it; of one that ended before this node was started, its outcome. */
function stepsOf(office: OfficeState, progress: Progress, id: string): readonly DeploymentStep[] {
  const steps = progress.steps(id);
  if (steps.length > 0) return steps;
  const deployment = office.deployments.get(id);
  if (deployment?.phase === 'succeeded') return [{ phase: 'succeeded' }];
  if (deployment?.phase !== 'failed') return [];
  const { stage = '', reason = '', logTail = [] } = deployment.failure ?? {};
  return [{ phase: 'failed', detail: stage, reason, log_tail: logTail }];
}

function rowOf(deployment: DeploymentState, progress: Progress): z.infer<typeof deploymentRow> {
  const { supervisor, runtime, failure, finishedAt } = deployment;
  const ended = deployment.phase === 'succeeded' || deployment.phase === 'failed' ? deployment.phase : null;
  const success = ended === null ? null : ended === 'succeeded';
  return {
    id: deployment.id,
    app: deployment.app,
    version: deployment.version,
    phase: ended ?? progress.steps(deployment.id).at(-1)?.phase ?? 'requested',
    requested_at: deployment.requestedAt,
    requested_by: deployment.requestedBy,
    finished_at: finishedAt,
    results:
      supervisor === null
        ? []
        : [{ supervisor, runtime: runtime ?? '', success, ...(failure && { error: failure.reason }) }],
    log_tail: [...(failure?.logTail ?? [])],
  };
}
