import { createRoute, z } from '@hono/zod-openapi';
import { describeCapability } from '../../app/index.ts';
import type { GrantState } from '../../state/index.ts';
import { appOfOffice } from '../commands/app-of-office.ts';
import type { DecisionTools } from '../commands/decide-approval.ts';
import { revokeGrant } from '../commands/revoke-grant.ts';
import { type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
import { appPath, bearer, idempotencyHeader, json, problems } from './schemas.ts';

const grantRow = z
  .object({
    capability: z.string(),
    key: z.string(),
    text: z.string(),
    risk: z.enum(['high', 'normal']),
    deployment_id: z
      .string()
      .nullable()
      .openapi({ description: 'The only deployment it is for; null: for all' }),
    beside_manifest: z
      .boolean()
      .openapi({ description: 'The app has it though its manifest does not ask for it' }),
    approval: z.string().nullable().openapi({ description: 'Null: it is older than approvals' }),
    granted_at: z.string(),
    granted_by: z.array(z.string()),
  })
  .openapi('Grant');

const list = createRoute({
  method: 'get',
  path: '/v1/apps/{uuid}/grants',
  tags: ['Approvals'],
  summary: 'What an app was granted',
  security: bearer,
  request: { params: appPath },
  responses: { 200: json(z.object({ grants: z.array(grantRow) }), 'By capability'), ...problems },
});

const revoke = createRoute({
  method: 'delete',
  path: '/v1/apps/{uuid}/grants/{capability}',
  tags: ['Approvals'],
  summary: 'Take a capability back: the running app loses it at once',
  security: bearer,
  request: {
    params: appPath.extend({
      capability: z
        .string()
        .min(1)
        .max(1024)
        .openapi({ param: { name: 'capability', in: 'path' }, example: 'http:api.stripe.com' }),
    }),
    headers: idempotencyHeader,
  },
  responses: { 204: { description: 'It is not granted any more' }, ...problems },
});

/** `GET /v1/apps/{uuid}/grants`, `DELETE /v1/apps/{uuid}/grants/{capability}` (CONTRACTS §4a). */
export function grantsRoutes(tools: DecisionTools): ApiRouter {
  const { live } = tools;
  const router = newRouter();
  router.openapi(list, (c) => {
    requireScope(c, 'read');
    const app = appOfOffice(live.office, askerOf(c), c.req.valid('param').uuid);
    const grants = [...app.grants].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, grant]) => rowOf(grant));
    return c.json({ grants }, 200);
  });
  router.openapi(revoke, async (c) => {
    requireScope(c, 'approve');
    const { uuid, capability } = c.req.valid('param');
    await revokeGrant(tools, askerOf(c), uuid, capability);
    return c.body(null, 204);
  });
  return router;
}

function rowOf({ capability, deployment, beside, approval, grantedAt, grantedBy }: GrantState) {
  const { key, text, risk } = describeCapability(capability);
  return {
    ...{ capability, key, text, risk, deployment_id: deployment, beside_manifest: beside, approval },
    granted_at: grantedAt,
    granted_by: [...grantedBy],
  };
}
