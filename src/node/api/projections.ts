import { createRoute, z } from '@hono/zod-openapi';
import type { Clock } from '../../kit/index.ts';
import { domainEvent } from '../../state/index.ts';
import { appOfOffice } from '../commands/app-of-office.ts';
import type { CommandQueue } from '../commands/command-queue.ts';
import { idFor } from '../commands/idempotency.ts';
import type { LiveState } from '../live-state.ts';
import type { Projections } from '../projections/projections.ts';
import { type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireMachineOwner, requireScope } from './guards.ts';
import { appPath, bearer, idempotencyHeader, json, pageQuery, problems } from './schemas.ts';

const projectionsReply = z
  .object({
    names: z.array(z.string()),
    state: z.enum(['following', 'building', 'unavailable']),
    position: z.int().openapi({ description: 'Everything up to here is in them' }),
    head: z.int().openapi({ description: 'Position of the last event of the log' }),
    why: z.string().nullable().openapi({ description: 'Why they are unavailable' }),
  })
  .openapi('Projections');

const deadLetter = z
  .object({
    event_position: z.int(),
    event_type: z.string(),
    attempts: z.int(),
    status: z.int().nullable().openapi({ description: 'HTTP status of the app’s last answer; null: none' }),
    reason: z.string(),
    failed_at: z.string(),
    position: z.int().openapi({ description: 'Of the delivery_failed that gave it up' }),
  })
  .openapi('DeadLetter');

const readProjections = createRoute({
  method: 'get',
  path: '/v1/projections',
  tags: ['Projections'],
  summary: 'How far what is kept beside the log for searching is',
  security: bearer,
  responses: { 200: json(projectionsReply, 'Now'), ...problems },
});

const rebuild = createRoute({
  method: 'post',
  path: '/v1/projections/rebuild',
  tags: ['Projections'],
  summary: 'Throw the projections away and build them anew from the log; searches answer 503 meanwhile',
  security: bearer,
  request: { headers: idempotencyHeader },
  responses: { 202: json(projectionsReply, 'Begun'), ...problems },
});

const readDeadLetters = createRoute({
  method: 'get',
  path: '/v1/apps/{uuid}/dead-letters',
  tags: ['Apps'],
  summary: 'Events that the app did not take in the end, those of the highest positions first',
  security: bearer,
  request: {
    params: appPath,
    query: pageQuery.extend({
      cursor: z
        .string()
        .regex(/^\d{1,15}$/)
        .optional(),
    }),
  },
  responses: {
    200: json(
      z.object({ dead_letters: z.array(deadLetter), next_cursor: z.string().nullable() }),
      'One page',
    ),
    ...problems,
  },
});

export interface ProjectionsTools {
  readonly live: LiveState;
  readonly commands: CommandQueue;
  readonly projections: Projections;
  readonly clock: Clock;
}

/** `GET /v1/projections`, `POST /v1/projections/rebuild`, `GET /v1/apps/{uuid}/dead-letters`. */
export function projectionsRoutes({ live, commands, projections, clock }: ProjectionsTools): ApiRouter {
  const router = newRouter();
  const reply = () => ({
    names: [...projections.names],
    ...projections.status,
    head: live.office.position,
  });
  router.openapi(readProjections, (c) => {
    requireScope(c, 'read');
    return c.json(reply(), 200);
  });
  router.openapi(rebuild, async (c) => {
    requireScope(c, 'admin');
    requireMachineOwner(c); // the file is the machine's, and serves every office
    const asker = askerOf(c);
    const { actor, office } = asker.principal;
    const names = [...projections.names];
    const id = idFor(asker, 'rebuild projections');
    const context = { actor, source: '/node', office, clock, id };
    const { duplicate } = await commands.append(domainEvent('projections_rebuilt', { names }, context));
    if (!duplicate) await projections.rebuild();
    return c.json(reply(), 202);
  });
  router.openapi(readDeadLetters, async (c) => {
    requireScope(c, 'read');
    const { uuid } = c.req.valid('param');
    appOfOffice(live.office, askerOf(c), uuid);
    const { limit, cursor } = c.req.valid('query');
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor);
    const rows = await projections.deadLetters(uuid, { before, limit: limit + 1 });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const next = rows.length > limit && last !== undefined ? String(last.event_position) : null;
    return c.json({ dead_letters: page, next_cursor: next }, 200);
  });
  return router;
}
