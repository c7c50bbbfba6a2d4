import { createRoute, z } from '@hono/zod-openapi';
import { appOfOffice } from '../commands/app-of-office.ts';
import { type PublishTools, publish } from '../commands/publish-version.ts';
import { type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
import { pageOf } from './paging.ts';
import { appPath, bearer, idempotencyHeader, json, pageQuery, problems } from './schemas.ts';

const versionRow = z
  .object({
    version: z.int(),
    digest: z.string(),
    files: z.int(),
    bytes: z.int(),
    name: z.string(),
    visibility: z.enum(['private', 'public']),
    runtime: z.string(),
    denied: z.array(z.string()),
    published_at: z.string(),
    published_by: z.string(),
  })
  .openapi('Version');

const published = z
  .object({
    uuid: z.string(),
    version: z.int(),
    digest: z.string(),
    warnings: z.array(z.string()),
  })
  .openapi('Published');

const listVersions = createRoute({
  method: 'get',
  path: '/v1/apps/{uuid}/versions',
  tags: ['Versions'],
  summary: 'Versions of an app, newest first',
  security: bearer,
  request: { params: appPath, query: pageQuery },
  responses: {
    200: json(z.object({ versions: z.array(versionRow), next_cursor: z.string().nullable() }), 'One page'),
    ...problems,
  },
});

const publishVersion = createRoute({
  method: 'post',
  path: '/v1/apps/{uuid}/versions',
  tags: ['Versions'],
  summary: 'Publish the next version: a gzipped tar of the app’s folder',
  security: bearer,
  request: {
    params: appPath,
    headers: idempotencyHeader,
    body: {
      required: true,
      content: { 'application/gzip': { schema: z.any().openapi({ type: 'string', format: 'binary' }) } },
    },
  },
  responses: { 201: json(published, 'Stored, and recorded in the log'), ...problems },
});

/** `GET,POST /v1/apps/{uuid}/versions`. */
export function versionsRoutes(tools: PublishTools): ApiRouter {
  const router = newRouter();
  router.openapi(listVersions, (c) => {
    requireScope(c, 'read');
    const { limit, cursor } = c.req.valid('query');
    const app = appOfOffice(tools.live.office, askerOf(c), c.req.valid('param').uuid);
    const newestFirst = [...app.versions.values()].sort((a, b) => b.version - a.version);
    const page = pageOf(newestFirst, (row) => descending(row.version), { limit, cursor });
    return c.json(
      {
        versions: page.rows.map((row) => ({
          version: row.version,
          digest: row.digest,
          files: row.files,
          bytes: row.bytes,
          name: row.name,
          visibility: row.visibility,
          runtime: row.runtime.type,
          denied: [...row.denied],
          published_at: row.publishedAt,
          published_by: row.publishedBy,
        })),
        next_cursor: page.next,
      },
      200,
    );
  });
  router.openapi(publishVersion, async (c) => {
    requireScope(c, 'deploy');
    const { uuid } = c.req.valid('param');
    const answer = await publish(tools, askerOf(c), uuid, c.env.incoming, c.req.raw.signal);
    return c.json({ ...answer, warnings: [...answer.warnings] }, 201);
  });
  return router;
}

/** A key that grows as the version falls, in the order of text. */
function descending(version: number): string {
  return String(1e15 - version).padStart(16, '0');
}
