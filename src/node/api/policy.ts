import { createRoute, z } from '@hono/zod-openapi';
import type { DecisionTools } from '../commands/decide-approval.ts';
import { setPolicy } from '../commands/set-policy.ts';
import { type ApiRouter, askerOf, newRouter } from './context.ts';
import { requirePerson, requireScope } from './guards.ts';
import { bearer, idempotencyHeader, json, problems } from './schemas.ts';

const policyReply = z.object({
  policy: z
    .string()
    .nullable()
    .openapi({ description: 'Text of its office.toml; null: the office has the default' }),
  approval: z
    .string()
    .nullable()
    .openapi({ description: 'What another policy waits for; null: nothing waits' }),
});

const read = createRoute({
  method: 'get',
  path: '/v1/policy',
  tags: ['Approvals'],
  summary: 'What needs whose yes in this office',
  security: bearer,
  responses: { 200: json(policyReply, 'The policy'), ...problems },
});

const put = createRoute({
  method: 'put',
  path: '/v1/policy',
  tags: ['Approvals'],
  summary: 'Another policy; it is refused when it cannot be read, or when one of its own tests fails',
  security: bearer,
  request: {
    headers: idempotencyHeader,
    body: {
      required: true,
      content: { 'application/json': { schema: z.strictObject({ policy: z.string().max(32_768) }) } },
    },
  },
  responses: {
    200: json(policyReply, 'It is in force'),
    202: json(policyReply, 'It waits for other persons'),
    ...problems,
  },
});

/** `GET,PUT /v1/policy`. */
export function policyRoutes(tools: DecisionTools): ApiRouter {
  const { office } = tools.live;
  const router = newRouter();
  const now = (slug: string) => {
    const waiting = [...office.openApprovals].findLast((id) => {
      const approval = office.approvals.get(id);
      return approval?.kind === 'policy' && approval.office === slug;
    });
    return { policy: office.policies.get(slug) ?? null, approval: waiting ?? null };
  };
  router.openapi(read, (c) => {
    requireScope(c, 'read');
    return c.json(now(c.get('principal').office), 200);
  });
  router.openapi(put, async (c) => {
    requireScope(c, 'admin');
    requirePerson(c);
    const asker = askerOf(c);
    const approval = await setPolicy(tools, asker, c.req.valid('json').policy);
    const reply = now(asker.principal.office);
    return approval === null ? c.json(reply, 200) : c.json({ ...reply, approval }, 202);
  });
  return router;
}
