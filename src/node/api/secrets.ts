import { createRoute, z } from '@hono/zod-openapi';
import { SECRET_KINDS } from '../../app/index.ts';
import { noteSecretChanges, type SecretChangesTools } from '../commands/secret-changes.ts';
import type { GatewayCall } from '../secrets/gateway-client.ts';
import type { Passes } from '../sessions/passes.ts';
import { type ApiContext, type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireMachineOwner, requireScope } from './guards.ts';
import { bearer, idempotencyHeader, json, pageQuery, problems } from './schemas.ts';

const kind = z.enum(SECRET_KINDS);

/** All that the API ever says of a secret; whatever else came from the gateway would be left out here. */
const secretRow = z
  .object({
    name: z.string(),
    kind: kind.nullable().openapi({ description: 'Null: damaged, and the file does not say' }),
    version: z.int().openapi({ description: 'Grows with each value; a number is never given twice' }),
    created_at: z.string().nullable(),
    created_by: z.string().nullable(),
    updated_at: z.string().nullable(),
    updated_by: z.string().nullable(),
    state: z.enum(['sealed', 'damaged']),
  })
  .openapi('Secret');
const secretPage = z.object({ secrets: z.array(secretRow), next_cursor: z.string().nullable() });

const value = {
  value: z
    .string()
    .max(65_536)
    .optional()
    .openapi({ description: 'Text; at most 64 KiB. It goes in and never comes out' }),
  value_base64: z.string().max(90_000).optional().openapi({ description: 'Instead of `value`: any bytes' }),
};
const namePath = z.object({
  name: z.string().openapi({ param: { name: 'name', in: 'path' }, example: 'anthropic_api_key' }),
});
const auditLine = z
  .object({
    line: z.int(),
    time: z.string(),
    action: z.string(),
    tenant: z.string(),
    name: z.string(),
    version: z.int(),
    actor: z.string(),
    purpose: z.string(),
    hash: z.string(),
  })
  .openapi('SecretAuditLine');
const auditReply = z.object({ entries: z.array(auditLine) });
const auditReport = z.object({
  lines: z.int().openapi({ description: 'Lines that are whole and follow on each other' }),
  broken: z
    .object({ line: z.int(), why: z.string() })
    .nullable()
    .openapi({ description: 'The first line that does not; null: there is none' }),
});

const common = { tags: ['Secrets'], security: bearer };
const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: { 'application/json': { schema } },
});

const list = createRoute({
  ...common,
  method: 'get',
  path: '/v1/secrets',
  summary: 'Secrets of the office, without their values',
  request: { query: pageQuery },
  responses: { 200: json(secretPage, 'One page, by name'), ...problems },
});
const register = createRoute({
  ...common,
  method: 'post',
  path: '/v1/secrets',
  summary: 'Put a secret in; nobody gets it out through the API',
  request: {
    headers: idempotencyHeader,
    body: body(
      z.object({ name: z.string().max(200).openapi({ example: 'anthropic_api_key' }), kind, ...value }),
    ),
  },
  responses: { 201: json(secretRow, 'Sealed'), ...problems },
});
const rotate = createRoute({
  ...common,
  method: 'put',
  path: '/v1/secrets/{name}',
  summary: 'Put another value in the place of the one there is',
  request: { params: namePath, headers: idempotencyHeader, body: body(z.object(value)) },
  responses: { 200: json(secretRow, 'Sealed'), ...problems },
});
const remove = createRoute({
  ...common,
  method: 'delete',
  path: '/v1/secrets/{name}',
  summary: 'Delete a secret; its value is gone for good',
  request: { params: namePath, headers: idempotencyHeader },
  responses: {
    200: json(z.object({ name: z.string(), state: z.literal('deleted') }), 'It is gone'),
    ...problems,
  },
});
const changes = createRoute({
  ...common,
  method: 'post',
  path: '/v1/secrets/changes',
  summary: 'For the gateway: the node fetches from it what the log has not heard of',
  responses: {
    200: json(z.object({ noted: z.array(z.string()) }), 'Ids that are in the log now'),
    ...problems,
  },
});
const masterKey = createRoute({
  ...common,
  method: 'post',
  path: '/v1/secrets/master-key',
  summary: 'Make a new master key and put every secret under it, while all goes on',
  responses: { 200: json(z.object({ secrets: z.int() }), 'How many there were'), ...problems },
});
const audit = createRoute({
  ...common,
  method: 'get',
  path: '/v1/secrets/audit',
  summary: 'What was done with secrets of the office, the last entries, oldest first',
  request: { query: pageQuery.pick({ limit: true }) },
  responses: { 200: json(auditReply, 'Entries'), ...problems },
});
const verify = createRoute({
  ...common,
  method: 'get',
  path: '/v1/secrets/audit/verify',
  summary: 'Read the whole audit and name the first line that is not what was written',
  responses: { 200: json(auditReport, 'What was found'), ...problems },
});

/**
 * `/v1/secrets*`: passed on to the gateway, which alone has the store, under the credential of who asks. What is answered is read
 * against its schema first. `/secrets/resolve` is not among them and never will be (CONTRACTS §7).
 */
export function secretsRoutes(tools: SecretChangesTools & { readonly passes: Passes }): ApiRouter {
  const router = newRouter();
  const { gateway, passes } = tools;
  const shownBy = (c: ApiContext): string =>
    c.get('session') === null ? (c.req.header('authorization') ?? '') : passes.for(c.get('principal'));
  const passed = (c: ApiContext, path: string, rest: Partial<GatewayCall> = {}): GatewayCall => ({
    path,
    authorization: shownBy(c),
    office: c.get('principal').office,
    idempotencyKey: askerOf(c).idempotencyKey ?? undefined,
    ...rest,
  });
  const pathOf = (name: string) => `/secrets/${encodeURIComponent(name)}`;

  router.openapi(list, async (c) => {
    requireScope(c, 'read');
    const { limit, cursor = '' } = c.req.valid('query');
    const query = new URLSearchParams({ limit: String(limit), cursor });
    return c.json(await gateway.ask(passed(c, `/secrets?${query}`), secretPage), 200);
  });
  router.openapi(register, async (c) => {
    requireScope(c, 'secrets:write');
    const call = passed(c, '/secrets', { method: 'POST', json: c.req.valid('json') });
    return c.json(await gateway.ask(call, secretRow), 201);
  });
  router.openapi(rotate, async (c) => {
    requireScope(c, 'secrets:write');
    const { name } = c.req.valid('param');
    const call = passed(c, pathOf(name), { method: 'PUT', json: c.req.valid('json') });
    return c.json(await gateway.ask(call, secretRow), 200);
  });
  router.openapi(remove, async (c) => {
    requireScope(c, 'secrets:write');
    const { name } = c.req.valid('param');
    const gone = z.object({ name: z.string(), state: z.literal('deleted') });
    return c.json(await gateway.ask(passed(c, pathOf(name), { method: 'DELETE' }), gone), 200);
  });
  router.openapi(changes, async (c) => {
    requireScope(c, 'secrets:write');
    return c.json({ noted: await noteSecretChanges(tools, askerOf(c), shownBy(c)) }, 200);
  });
  router.openapi(masterKey, async (c) => {
    requireMachineOwner(c);
    const call = passed(c, '/secrets/master-key', { method: 'POST' });
    return c.json(await gateway.ask(call, z.object({ secrets: z.int() })), 200);
  });
  router.openapi(audit, async (c) => {
    requireScope(c, 'admin');
    const { limit } = c.req.valid('query');
    return c.json(await gateway.ask(passed(c, `/secrets/audit?limit=${limit}`), auditReply), 200);
  });
  router.openapi(verify, async (c) => {
    requireMachineOwner(c);
    return c.json(await gateway.ask(passed(c, '/secrets/audit/verify'), auditReport), 200);
  });
  return router;
}
