import { createRoute, z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { beginUpload, type PublishTools, publishUpload } from '../commands/publish-version.ts';
import { requireInForce } from '../credentials/principal.ts';
import { nodeError } from '../errors.ts';
import { listedFile } from '../uploads/open-upload.ts';
import type { UploadStanding } from '../uploads/uploads.ts';
import { type ApiContext, type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
import { appPath, bearer, idempotencyHeader, json, problems } from './schemas.ts';
import { published } from './versions.ts';

/** https://tus.io/protocols/resumable-upload: its core, and `Upload-Expires`. Beginning and publishing are JSON. */
const TUS_VERSION = '1.0.0';
const BYTES = 'application/offset+octet-stream';
/** Of a list of 10,000 files with long paths. */
const MAX_LIST_BYTES = 8 << 20;

const digest = z.object({ sha256: z.string(), size: z.int() });
const standing = z
  .object({
    id: z.string(),
    missing: z
      .array(digest)
      .openapi({ description: 'Contents to send, one after the other, as one stream of bytes' }),
    offset: z.int().openapi({ description: 'Bytes of that stream that are there' }),
    length: z.int().openapi({ description: 'Bytes of the whole stream' }),
    expires_at: z.string(),
  })
  .openapi('Upload');
const uploadPath = appPath.extend({
  id: z
    .uuid()
    .openapi({ param: { name: 'id', in: 'path' }, example: '0191e7c2-3333-7222-8333-444455556666' }),
});

const announcement = z.object({
  files: z.array(listedFile).min(1).max(20_000),
  manifest: z
    .object({ file: z.string().max(100), text: z.string().max(1 << 20) })
    .optional()
    .openapi({ description: 'The manifest, to be told what is wrong with it before anything is sent' }),
});

const limitList = bodyLimit({
  maxSize: MAX_LIST_BYTES,
  onError: () => {
    throw nodeError('body_too_large', { what: `A list of files has at most ${MAX_LIST_BYTES} bytes` });
  },
});

const beginRoute = createRoute({
  method: 'post',
  path: '/v1/apps/{uuid}/uploads',
  middleware: limitList,
  tags: ['Versions'],
  summary: 'Begin a push of large files: say which files the version has, learn which contents are missing',
  description:
    'Contents that the last versions of this app have, or that an unfinished upload of it left, are not sent again.',
  security: bearer,
  request: {
    params: appPath,
    body: {
      required: true,
      content: {
        'application/json': { schema: announcement },
      },
    },
  },
  responses: { 201: json(standing, 'What is missing'), ...problems },
});

const showUpload = createRoute({
  method: 'get',
  path: '/v1/apps/{uuid}/uploads/{id}',
  tags: ['Versions'],
  summary: 'Where an upload stands; `HEAD` tells it in the headers of the tus protocol',
  security: bearer,
  request: { params: uploadPath },
  responses: { 200: json(standing, 'As it is now'), ...problems },
});

const sendBytes = createRoute({
  method: 'patch',
  path: '/v1/apps/{uuid}/uploads/{id}',
  tags: ['Versions'],
  summary: 'Send bytes of what is missing, from where the upload stands (tus 1.0.0)',
  security: bearer,
  request: {
    params: uploadPath,
    headers: z.object({
      'tus-resumable': z.string().optional(),
      'upload-offset': z.coerce.number().pipe(z.int().min(0)),
    }),
    body: {
      required: true,
      content: { [BYTES]: { schema: z.any().openapi({ type: 'string', format: 'binary' }) } },
    },
  },
  responses: { 204: { description: 'Kept; `Upload-Offset` says how far it is' }, ...problems },
});

const publishRoute = createRoute({
  method: 'post',
  path: '/v1/apps/{uuid}/uploads/{id}/publish',
  tags: ['Versions'],
  summary: 'Make the next version of an upload that is complete',
  security: bearer,
  request: { params: uploadPath, headers: idempotencyHeader },
  responses: { 201: json(published, 'Stored, and recorded in the log; the upload is gone'), ...problems },
});

/** `POST /v1/apps/{uuid}/uploads`, `GET,PATCH …/{id}`, `POST …/{id}/publish`. */
export function uploadsRoutes(tools: PublishTools): ApiRouter {
  const router = newRouter();
  const { uploads } = tools;
  router.use('/v1/apps/:uuid/uploads/*', async (c, next) => {
    await next();
    c.res.headers.set('tus-resumable', TUS_VERSION);
  });

  router.openapi(beginRoute, async (c) => {
    requireScope(c, 'deploy');
    const begun = await beginUpload(tools, askerOf(c), c.req.valid('param').uuid, c.req.valid('json'));
    return c.json(rowOf(begun), 201);
  });
  router.openapi(showUpload, (c) => {
    requireScope(c, 'deploy');
    const { uuid, id } = c.req.valid('param');
    const found = uploads.standing(placeOf(c, uuid), id);
    setTusHeaders(c, found);
    return c.json(rowOf(found), 200);
  });
  router.openapi(sendBytes, async (c) => {
    requireScope(c, 'deploy');
    const { 'tus-resumable': version, 'upload-offset': offset } = c.req.valid('header');
    if (version !== TUS_VERSION) {
      c.header('tus-version', TUS_VERSION);
      throw nodeError('upload_protocol', {
        what: 'The upload speaks another version of the protocol',
        why:
          version === undefined
            ? 'there is no `Tus-Resumable`'
            : `\`Tus-Resumable\` is ${JSON.stringify(version)}`,
        hint: `Send \`Tus-Resumable: ${TUS_VERSION}\``,
      });
    }
    if (c.req.header('content-type') !== BYTES) {
      throw nodeError('request_invalid', {
        what: 'The body is not marked as bytes',
        hint: `Send \`Content-Type: ${BYTES}\``,
      });
    }
    const { uuid, id } = c.req.valid('param');
    const { principal } = askerOf(c);
    const signal = AbortSignal.any([c.req.raw.signal, principal.ended]);
    try {
      setTusHeaders(c, await uploads.receive(placeOf(c, uuid), id, offset, c.env.incoming, signal));
    } catch (error) {
      requireInForce(principal);
      throw error;
    }
    return c.body(null, 204);
  });
  router.openapi(publishRoute, async (c) => {
    requireScope(c, 'deploy');
    const { uuid, id } = c.req.valid('param');
    const answer = await publishUpload(tools, askerOf(c), uuid, id);
    return c.json({ ...answer, warnings: [...answer.warnings] }, 201);
  });
  return router;
}

function placeOf(c: ApiContext, app: string) {
  return { office: c.get('principal').office, app };
}

function rowOf({ id, missing, offset, length, expiresAt }: UploadStanding): z.infer<typeof standing> {
  return { id, missing: [...missing], offset, length, expires_at: new Date(expiresAt).toISOString() };
}

function setTusHeaders(c: ApiContext, { offset, length, expiresAt }: UploadStanding): void {
  c.header('upload-offset', String(offset));
  c.header('upload-length', String(length));
  c.header('upload-expires', new Date(expiresAt).toUTCString());
  c.header('cache-control', 'no-store');
}
