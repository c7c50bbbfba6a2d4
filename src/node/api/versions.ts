import { createRoute, z } from '@hono/zod-openapi';
import { readTree } from '../../artifacts/index.ts';
import type { AppState, VersionState } from '../../state/index.ts';
import { appOfOffice } from '../commands/app-of-office.ts';
import { type PublishTools, publish } from '../commands/publish-version.ts';
import { versionOf } from '../commands/request-deployment.ts';
import { compareVersions, prefixOf } from '../versions/compare-versions.ts';
import { storedVersions } from '../versions/kept-versions.ts';
import { removeVersion } from '../versions/remove-version.ts';
import { type ApiRouter, askerOf, newRouter } from './context.ts';
import { requirePerson, requireScope } from './guards.ts';
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
    runtime: z.string().nullable().openapi({ description: 'Null: static files alone' }),
    requests: z.array(z.string()).openapi({ description: 'Capabilities that its manifest asks for' }),
    published_at: z.string(),
    published_by: z.string(),
    removed_at: z.string().nullable().openapi({ description: 'Its files are gone since then' }),
  })
  .openapi('Version');

const fileRow = z.object({ path: z.string(), bytes: z.int() });

const versionDetail = versionRow
  .extend({
    files_list: z
      .array(fileRow.extend({ sha256: z.string() }))
      .openapi({ description: 'What was pushed, in the order of the paths' }),
  })
  .openapi('VersionDetail');

/** A value as the manifest has it. */
const written = z.unknown().openapi({ description: 'Text, number, list, …' });
const capability = z.object({ kind: z.string(), value: z.string() });

const difference = z
  .object({
    uuid: z.string(),
    from: z
      .int()
      .nullable()
      .openapi({ description: 'Null: there is no version before, and everything is new' }),
    to: z.int(),
    files: z.object({
      added: z.array(fileRow),
      removed: z.array(fileRow),
      changed: z.array(z.object({ path: z.string(), before: z.int(), after: z.int() })),
    }),
    manifest: z
      .array(z.object({ key: z.string(), before: written.optional(), after: written.optional() }))
      .openapi({ description: 'Keys whose value is another one; a side that is missing was not written' }),
    capabilities: z.object({ added: z.array(capability), removed: z.array(capability) }),
  })
  .openapi('VersionDifference');

/** What a push is answered. */
export const published = z
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

const versionPath = appPath.extend({ n: z.coerce.number().pipe(z.int().min(1)) });

const showVersion = createRoute({
  method: 'get',
  path: '/v1/apps/{uuid}/versions/{n}',
  tags: ['Versions'],
  summary: 'One version, with the files that were pushed',
  security: bearer,
  request: { params: versionPath },
  responses: { 200: json(versionDetail, 'As it was published'), ...problems },
});

const diffVersions = createRoute({
  method: 'get',
  path: '/v1/apps/{uuid}/versions/{n}/diff',
  tags: ['Versions'],
  summary: 'What is other in a version: files, keys of the manifest, capabilities',
  security: bearer,
  request: {
    params: versionPath,
    query: z.object({
      from: z.coerce
        .number()
        .pipe(z.int().min(1))
        .optional()
        .openapi({ description: 'Number of the version to compare with; without it the one before' }),
    }),
  },
  responses: { 200: json(difference, 'From the one to the other'), ...problems },
});

const deleteVersion = createRoute({
  method: 'delete',
  path: '/v1/apps/{uuid}/versions/{n}',
  tags: ['Versions'],
  summary: 'Remove a version for good: its files and what was built of them',
  description:
    'What a host has or goes back to, what is being deployed and the last three versions stay: 409.',
  security: bearer,
  request: { params: versionPath, headers: idempotencyHeader },
  responses: { 200: json(versionRow, 'As it was published, and when it was removed'), ...problems },
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

/** `GET,POST /v1/apps/{uuid}/versions`, `GET,DELETE …/{n}`, `GET …/{n}/diff`. */
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
        versions: page.rows.map(rowOf),
        next_cursor: page.next,
      },
      200,
    );
  });
  router.openapi(showVersion, async (c) => {
    requireScope(c, 'read');
    const { uuid, n } = c.req.valid('param');
    const app = appOfOffice(tools.live.office, askerOf(c), uuid);
    const version = versionOf(app, n);
    const files = await readTree(tools.store, prefixOf(app, version), version.digest);
    const list = [...files].map(([path, { sha256, size }]) => ({ path, bytes: size, sha256 }));
    return c.json({ ...rowOf(version), files_list: list }, 200);
  });
  router.openapi(diffVersions, async (c) => {
    requireScope(c, 'read');
    const { uuid, n } = c.req.valid('param');
    const { from } = c.req.valid('query');
    const app = appOfOffice(tools.live.office, askerOf(c), uuid);
    const after = versionOf(app, n);
    const before = from === undefined ? versionBefore(app, n) : versionOf(app, from);
    const { files, manifest } = await compareVersions(tools.store, app, before, after);
    const answer = {
      uuid,
      from: before?.version ?? null,
      to: n,
      files,
      manifest: manifest.keys,
      capabilities: manifest.capabilities,
    };
    return c.json(difference.parse(answer), 200);
  });
  router.openapi(deleteVersion, async (c) => {
    requireScope(c, 'deploy');
    requirePerson(c);
    const { uuid, n } = c.req.valid('param');
    return c.json(rowOf(await removeVersion(tools, askerOf(c), uuid, n)), 200);
  });
  router.openapi(publishVersion, async (c) => {
    requireScope(c, 'deploy');
    const { uuid } = c.req.valid('param');
    const answer = await publish(tools, askerOf(c), uuid, c.env.incoming, c.req.raw.signal);
    return c.json({ ...answer, warnings: [...answer.warnings] }, 201);
  });
  return router;
}

function rowOf(version: VersionState): z.infer<typeof versionRow> {
  return {
    version: version.version,
    digest: version.digest,
    files: version.files,
    bytes: version.bytes,
    name: version.name,
    visibility: version.visibility,
    runtime: version.assets?.alone ? null : version.runtime.type,
    requests: [...version.requests],
    published_at: version.publishedAt,
    published_by: version.publishedBy,
    removed_at: version.removedAt,
  };
}

/** Numbers of pushes that came to nothing are missing. */
function versionBefore(app: AppState, number: number): VersionState | null {
  const earlier = storedVersions(app)
    .map(({ version }) => version)
    .filter((each) => each < number);
  return earlier.length === 0 ? null : versionOf(app, Math.max(...earlier));
}

/** A key that grows as the version falls, in the order of text. */
function descending(version: number): string {
  return String(1e15 - version).padStart(16, '0');
}
