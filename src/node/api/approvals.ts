import { createRoute, z } from '@hono/zod-openapi';
import { approvalsOf } from '../../state/index.ts';
import { approvalOfOffice } from '../commands/approval-of-office.ts';
import { approve, type DecisionTools, deny } from '../commands/decide-approval.ts';
import { approvalRow, approvalRowOf } from './approval-row.ts';
import { type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
import { keyOfIndex, pageOf } from './paging.ts';
import { bearer, idempotencyHeader, json, pageQuery, problems } from './schemas.ts';

const approvalPath = z.object({ id: z.uuid().openapi({ param: { name: 'id', in: 'path' } }) });

const list = createRoute({
  method: 'get',
  path: '/v1/approvals',
  tags: ['Approvals'],
  summary: 'What waits for a person, and what was decided; the newest first',
  security: bearer,
  request: {
    query: pageQuery.extend({
      status: z.enum(['open', 'granted', 'denied', 'expired', 'withdrawn']).optional(),
      app: z.uuid().optional(),
    }),
  },
  responses: {
    200: json(z.object({ approvals: z.array(approvalRow), next_cursor: z.string().nullable() }), 'One page'),
    ...problems,
  },
});

const read = createRoute({
  method: 'get',
  path: '/v1/approvals/{id}',
  tags: ['Approvals'],
  summary: 'What is to be decided',
  security: bearer,
  request: { params: approvalPath },
  responses: { 200: json(approvalRow, 'The approval'), ...problems },
});

const yes = createRoute({
  method: 'post',
  path: '/v1/approvals/{id}/approve',
  tags: ['Approvals'],
  summary: 'Say yes to what was seen',
  security: bearer,
  request: {
    params: approvalPath,
    headers: idempotencyHeader,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({
            difference: z.string().openapi({ description: '`difference` of the approval, as it was read' }),
            digest: z.string().optional().openapi({ description: 'Digest of the version that was seen' }),
            once: z.boolean().default(false).openapi({ description: 'For this deployment and no later one' }),
          }),
        },
      },
    },
  },
  responses: { 200: json(approvalRow, 'Decided, or waiting for another person'), ...problems },
});

const no = createRoute({
  method: 'post',
  path: '/v1/approvals/{id}/deny',
  tags: ['Approvals'],
  summary: 'Say no',
  security: bearer,
  request: {
    params: approvalPath,
    headers: idempotencyHeader,
    body: {
      required: true,
      content: {
        'application/json': { schema: z.strictObject({ reason: z.string().max(500).default('') }) },
      },
    },
  },
  responses: { 200: json(approvalRow, 'Denied'), ...problems },
});

/** `GET /v1/approvals`, `GET /v1/approvals/{id}`, `POST …/approve` and `…/deny` (CONTRACTS §7). */
export function approvalsRoutes(tools: DecisionTools): ApiRouter {
  const { office } = tools.live;
  const router = newRouter();
  router.openapi(list, (c) => {
    requireScope(c, 'read');
    const { status, app, ...query } = c.req.valid('query');
    const rows = approvalsOf(office, c.get('principal').office)
      .map((approval, index) => ({ approval, key: keyOfIndex(index) }))
      .filter(
        ({ approval }) =>
          (status ?? approval.status) === approval.status && (app ?? approval.app) === approval.app,
      )
      .reverse();
    const page = pageOf(rows, ({ key }) => key, query);
    const approvals = page.rows.map(({ approval }) => approvalRowOf(office, approval, tools.policyOf));
    return c.json({ approvals, next_cursor: page.next }, 200);
  });
  router.openapi(read, (c) => {
    requireScope(c, 'read');
    return c.json(
      approvalRowOf(office, approvalOfOffice(office, askerOf(c), c.req.valid('param').id), tools.policyOf),
      200,
    );
  });
  router.openapi(yes, async (c) => {
    requireScope(c, 'approve');
    const { difference, digest = null, once } = c.req.valid('json');
    const approval = await approve(tools, askerOf(c), c.req.valid('param').id, { difference, digest, once });
    return c.json(approvalRowOf(office, approval, tools.policyOf), 200);
  });
  router.openapi(no, async (c) => {
    requireScope(c, 'approve');
    const { reason } = c.req.valid('json');
    return c.json(
      approvalRowOf(office, await deny(tools, askerOf(c), c.req.valid('param').id, reason), tools.policyOf),
      200,
    );
  });
  return router;
}
