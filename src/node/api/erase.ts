import { createRoute, z } from '@hono/zod-openapi';
import { type EraseCommandTools, type Erasure, eraseSubject, previewErasure } from '../commands/erase.ts';
import { type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
import { bearer, idempotencyHeader, json, problems } from './schemas.ts';

const erasure = z
  .object({
    subject: z.string(),
    dry_run: z.boolean(),
    events: z.int().openapi({ description: 'Bodies that became tombstones' }),
    bytes: z
      .int()
      .openapi({ description: 'Bytes of these events and, once they are erased, of their blobs' }),
    keys: z.int().openapi({ description: 'Keys destroyed' }),
    through: z.int().openapi({ description: 'Position up to which it looked' }),
    kept: z.object({
      events: z.int().openapi({ description: 'Events about the subject that stay' }),
      why: z.string().nullable(),
    }),
  })
  .openapi('Erasure');

const erase = createRoute({
  method: 'post',
  path: '/v1/events/erase',
  tags: ['Events'],
  summary: 'Erase for good what came from outside about a subject',
  security: bearer,
  request: {
    headers: idempotencyHeader,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({
            subject: z
              .string()
              .min(1)
              .max(512)
              .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u, 'must be one line of text')
              .openapi({ example: 'integration/0191e7c2-1111-7222-8333-444455556666' }),
            dry_run: z.boolean().default(false).openapi({ description: 'Say what it would erase' }),
          }),
        },
      },
    },
  },
  responses: { 200: json(erasure, 'What was erased'), ...problems },
});

const WHY_KEPT = 'they are what the office itself is made of, and hold no bodies from outside';

/** `POST /v1/events/erase`. */
export function eraseRoutes(tools: EraseCommandTools): ApiRouter {
  const router = newRouter();
  router.openapi(erase, async (c) => {
    requireScope(c, 'admin');
    const { subject, dry_run } = c.req.valid('json');
    const done: Erasure = dry_run
      ? await previewErasure(tools.log, c.get('principal').office, subject)
      : await eraseSubject(tools, askerOf(c), subject);
    const { kept, ...erased } = done;
    return c.json(
      { subject, dry_run, ...erased, kept: { events: kept, why: kept === 0 ? null : WHY_KEPT } },
      200,
    );
  });
  return router;
}
