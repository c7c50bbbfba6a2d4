import { createRoute, z } from '@hono/zod-openapi';
import { type ApiRouter, newRouter } from './context.ts';
import { bearer, json, problems } from './schemas.ts';

const showSelf = createRoute({
  method: 'get',
  path: '/v1/self',
  tags: ['Tokens'],
  summary: 'Who asks, and what the credential allows',
  security: bearer,
  responses: {
    200: json(
      z
        .object({
          credential_id: z.string(),
          kind: z.enum(['person', 'supervisor', 'agent', 'app']),
          name: z.string(),
          actor: z.string().openapi({ description: 'As events name it' }),
          office: z.string().openapi({ description: 'The one that is asked about' }),
          owns_machine: z.boolean().openapi({ description: 'An owner of the office `default`' }),
          scopes: z.array(z.string()),
          expires_at: z.string().nullable().openapi({ description: 'Null: never' }),
        })
        .openapi('Self'),
      'The credential, without its secret',
    ),
    ...problems,
  },
});

/** `GET /v1/self`, for every credential in force. */
export function selfRoutes(): ApiRouter {
  const router = newRouter();
  router.openapi(showSelf, (c) => {
    const { credentialId, kind, name, actor, office, ownsMachine, scopes, expiresAt } = c.get('principal');
    return c.json(
      {
        ...{ credential_id: credentialId, kind, name, actor, office },
        owns_machine: ownsMachine,
        scopes: [...scopes],
        expires_at: expiresAt,
      },
      200,
      { 'cache-control': 'no-store' },
    );
  });
  return router;
}
