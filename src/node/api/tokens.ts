import { createRoute, z } from '@hono/zod-openapi';
import { type Credential, credentialsOf } from '../../state/index.ts';
import { issueToken, revokeToken, stateOf, type TokenCommandTools } from '../commands/tokens.ts';
import { type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
import { pageOf } from './paging.ts';
import { bearer, idempotencyHeader, json, pageQuery, problems } from './schemas.ts';

/** Days that a token is good for when nothing is said. */
const DEFAULT_DAYS = 90;
const MAX_DAYS = 3650;

const role = z.enum(['owner', 'developer', 'approver', 'viewer']);

const tokenRow = z
  .object({
    id: z.string(),
    kind: z.enum(['person', 'supervisor', 'agent', 'app']),
    name: z.string(),
    role: role.nullable().openapi({ description: 'Null: the scopes were chosen one by one' }),
    scopes: z.array(z.string()),
    created_at: z.string(),
    created_by: z.string(),
    expires_at: z.string().nullable().openapi({ description: 'Null: never' }),
    state: z.enum(['active', 'expired']),
  })
  .openapi('Token');

const issued = tokenRow
  .extend({
    token: z.string().openapi({ description: 'Shown this once; the office keeps its hash alone' }),
    replaced: tokenRow.nullable().openapi({ description: 'The token of that name that has ended now' }),
  })
  .openapi('IssuedToken');

const listTokens = createRoute({
  method: 'get',
  path: '/v1/tokens',
  tags: ['Tokens'],
  summary: 'Credentials of the office, without their secrets',
  security: bearer,
  request: { query: pageQuery },
  responses: {
    200: json(
      z.object({ tokens: z.array(tokenRow), next_cursor: z.string().nullable() }),
      'One page, by kind and name',
    ),
    ...problems,
  },
});

const issue = createRoute({
  method: 'post',
  path: '/v1/tokens',
  tags: ['Tokens'],
  summary: 'Issue a token for a person, an agent or an app; it is shown once',
  security: bearer,
  request: {
    headers: idempotencyHeader,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z
            .object({
              name: z
                .string()
                .min(1)
                .max(63)
                .openapi({ description: 'Of an app: its uuid', example: 'anna' }),
              kind: z.enum(['person', 'agent', 'app']).default('person'),
              role: role.optional(),
              scopes: z.array(z.string().max(300)).max(50).optional(),
              expires_in_days: z.number().positive().max(MAX_DAYS).nullable().default(DEFAULT_DAYS),
              replace: z.boolean().default(false).openapi({ description: 'End the token that has the name' }),
            })
            .refine((body) => (body.role === undefined) !== (body.scopes === undefined), {
              path: ['role'],
              error: 'name either a role or scopes',
            }),
        },
      },
    },
  },
  responses: { 201: json(issued, 'Issued'), ...problems },
});

const revoke = createRoute({
  method: 'delete',
  path: '/v1/tokens/{id}',
  tags: ['Tokens'],
  summary: 'End a credential at once, on open streams too',
  security: bearer,
  request: {
    params: z.object({
      id: z
        .uuid()
        .transform((id) => id.toLowerCase())
        .openapi({ param: { name: 'id', in: 'path' } }),
    }),
    headers: idempotencyHeader,
  },
  responses: {
    200: json(
      z.object({ id: z.string(), state: z.literal('revoked'), warnings: z.array(z.string()) }),
      'It opens nothing any more',
    ),
    ...problems,
  },
});

/** `GET,POST /v1/tokens`, `DELETE /v1/tokens/{id}`. */
export function tokensRoutes(tools: TokenCommandTools): ApiRouter {
  const router = newRouter();
  const rowOf = (credential: Credential): z.infer<typeof tokenRow> => ({
    id: credential.id,
    kind: credential.kind,
    name: credential.name,
    role: credential.role,
    scopes: [...credential.scopes],
    created_at: credential.issuedAt,
    created_by: credential.issuedBy,
    expires_at: credential.expiresAt,
    state: stateOf(credential, tools.credentialClock),
  });
  router.openapi(listTokens, (c) => {
    requireScope(c, 'admin');
    const keyOf = ({ kind, name, id }: Credential) => `${kind}/${name}/${id}`;
    const sorted = credentialsOf(tools.live.office, c.get('principal').office).sort((a, b) =>
      keyOf(a) < keyOf(b) ? -1 : 1,
    );
    const page = pageOf(sorted, keyOf, c.req.valid('query'));
    return c.json({ tokens: page.rows.map(rowOf), next_cursor: page.next }, 200);
  });
  router.openapi(issue, async (c) => {
    requireScope(c, 'admin');
    const { kind, name, role = null, scopes = [], expires_in_days, replace } = c.req.valid('json');
    const request = { kind, name, role, scopes, expiresInDays: expires_in_days, replace };
    const { token, credential, replaced } = await issueToken(tools, askerOf(c), request);
    return c.json({ ...rowOf(credential), token, replaced: replaced && rowOf(replaced) }, 201, {
      'cache-control': 'no-store',
    });
  });
  router.openapi(revoke, async (c) => {
    requireScope(c, 'admin');
    const { id } = c.req.valid('param');
    const warnings = await revokeToken(tools, askerOf(c), id);
    return c.json({ id, state: 'revoked' as const, warnings: [...warnings] }, 200);
  });
  return router;
}
