import { z } from '@hono/zod-openapi';
import { TabbifyError } from '../../kit/index.ts';
import { blobRoutes, type SealedLog } from '../../log/index.ts';
import { type Principal, requireInForce } from '../credentials/principal.ts';
import { appendSegment } from '../credentials/roles.ts';
import { nodeError } from '../errors.ts';
import { type ApiContext, type ApiEnv, type ApiRouter, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
import { bearer, json, problems } from './schemas.ts';

const digestPath = z.object({
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .openapi({ param: { name: 'digest', in: 'path' }, example: `sha256:${'0'.repeat(64)}` }),
});

const blobReply = z
  .object({
    digest: z.string(),
    size: z.int().openapi({ description: 'Bytes' }),
    mediatype: z.string(),
  })
  .openapi('Blob');

/**
 * `PUT` and `GET /v1/blobs/{digest}`: what an event has no room for, in the asker's own office. Storing one is no event:
 * it belongs to the append that names it, and without one it is removed after a day.
 */
export function blobsRoutes(log: Pick<SealedLog, 'putBlob' | 'readBlob'>): ApiRouter {
  const router = newRouter();
  router.route(
    '/',
    blobRoutes<ApiEnv>(
      {
        putBlob: (tenant, bytes, mediatype) => log.putBlob(tenant, bytes, mediatype),
        readBlob: (tenant, digest) => log.readBlob(tenant, digest).catch(asNotFound),
      },
      {
        authorizeBlob(c) {
          const principal = c.get('principal');
          requireInForce(principal);
          if (c.req.method === 'PUT') requireAppend(principal);
          else requireScope(c as ApiContext, 'read');
          return principal.office;
        },
      },
    ),
  );
  describe(router);
  return router;
}

/** @throws not_allowed when the asker may not say anything in the office, so that no event of his could name the blob */
function requireAppend({ kind, name, office, scopes }: Principal): void {
  if (kind === 'person' && scopes.has('admin')) return;
  for (const scope of scopes) {
    if (appendSegment(scope)?.startsWith(`tenant_${office}.`)) return;
  }
  throw nodeError('not_allowed', {
    what: `The credential of '${name}' does not allow this`,
    why: 'a blob is stored by who may say events in the office',
    hint: 'Use a credential with a scope such as `events:append:tenant_<office>.orders`',
  });
}

/** To an append a missing blob is a conflict; to who asks for it, it is not there. */
function asNotFound(error: unknown): never {
  if (!(error instanceof TabbifyError) || error.code !== 'blob_missing') throw error;
  const { what, why, hint } = error;
  throw new TabbifyError(
    error.code,
    { status: 404, title: error.title },
    { what, ...(why !== undefined && { why }), ...(hint !== undefined && { hint }), cause: error },
  );
}

function describe({ openAPIRegistry }: ApiRouter): void {
  const common = { tags: ['Events'], security: bearer, path: '/v1/blobs/{digest}' };
  const bytes = { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } };
  openAPIRegistry.registerPath({
    ...common,
    method: 'put',
    summary: 'Store what an event has no room for, before the event is appended whose `dataref` names it',
    request: { params: digestPath, body: { required: true, content: bytes } },
    responses: { 201: json(blobReply, 'Stored; kept when an event names it within a day'), ...problems },
  });
  openAPIRegistry.registerPath({
    ...common,
    method: 'get',
    summary: 'The bytes of a blob',
    request: { params: digestPath },
    responses: { 200: { description: 'As they were stored', content: bytes }, ...problems },
  });
}
