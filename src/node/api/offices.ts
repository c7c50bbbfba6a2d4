import { createRoute, z } from '@hono/zod-openapi';
import { type OfficeEntry, officesOf } from '../../state/index.ts';
import { createOffice, type OfficeCommandTools } from '../commands/offices.ts';
import { type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireMachineOwner, requireScope } from './guards.ts';
import { pageOf } from './paging.ts';
import { bearer, idempotencyHeader, json, pageQuery, problems } from './schemas.ts';

const officeRow = z
  .object({
    slug: z.string(),
    name: z.string(),
    created_at: z.string().nullable().openapi({ description: 'Null: it is there from the beginning' }),
    created_by: z.string(),
  })
  .openapi('Office');

const listOffices = createRoute({
  method: 'get',
  path: '/v1/offices',
  tags: ['Offices'],
  summary: 'Offices of this machine: all of them for its owner, for everybody else his own',
  security: bearer,
  request: { query: pageQuery },
  responses: {
    200: json(
      z.object({ offices: z.array(officeRow), next_cursor: z.string().nullable() }),
      'One page, by slug',
    ),
    ...problems,
  },
});

const create = createRoute({
  method: 'post',
  path: '/v1/offices',
  tags: ['Offices'],
  summary: 'Make an office of its own on this machine; its slug is for ever',
  security: bearer,
  request: {
    headers: idempotencyHeader,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({
            slug: z
              .string()
              .min(1)
              .max(63)
              .optional()
              .openapi({ description: 'Default: made from the name' }),
            name: z.string().trim().min(1).max(200).openapi({ example: 'Hugo’s bakery' }),
          }),
        },
      },
    },
  },
  responses: { 201: json(officeRow, 'Made'), ...problems },
});

/** `GET,POST /v1/offices`. */
export function officesRoutes(tools: OfficeCommandTools): ApiRouter {
  const router = newRouter();
  router.openapi(listOffices, (c) => {
    requireScope(c, 'read');
    const { ownsMachine, homeOffice } = c.get('principal');
    const seen = officesOf(tools.live.office).filter(({ slug }) => ownsMachine || slug === homeOffice);
    const page = pageOf(seen, ({ slug }) => slug, c.req.valid('query'));
    return c.json({ offices: page.rows.map(rowOf), next_cursor: page.next }, 200);
  });
  router.openapi(create, async (c) => {
    requireMachineOwner(c);
    const { slug = null, name } = c.req.valid('json');
    return c.json(rowOf(await createOffice(tools, askerOf(c), { slug, name })), 201);
  });
  return router;
}

function rowOf({ slug, name, createdAt, createdBy }: OfficeEntry): z.infer<typeof officeRow> {
  return { slug, name, created_at: createdAt, created_by: createdBy };
}
