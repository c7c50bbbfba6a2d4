import { createHash } from 'node:crypto';
import { type Context, type Env, Hono } from 'hono';
import { BLOB_DIGEST } from '../blobs/paths.ts';
import { MAX_BLOB_BYTES } from '../blobs/store.ts';
import { logError } from '../errors.ts';
import type { LogStore } from '../log-store.ts';

/** What the node decides about a request for a blob; it throws a `TabbifyError` (401, 403 …) to refuse. */
export interface BlobHooks<E extends Env = Env> {
  /**
   * Asked before a byte is read, and again when all of a blob are there, which may be long after. Answers the office
   * whose blobs are meant; the method says whether one is stored.
   */
  authorizeBlob(context: Context<E>): string | Promise<string>;
}

/**
 * Blobs over HTTP: `PUT /v1/blobs/{digest}` stores the body under its digest, `content-type` is the media type;
 * `GET /v1/blobs/{digest}` gives the bytes. Errors are thrown as `TabbifyError`, as by `logRoutes`.
 */
export function blobRoutes<E extends Env = Env>(
  store: Pick<LogStore, 'putBlob' | 'readBlob'>,
  hooks: BlobHooks<E>,
): Hono {
  const inNode = (c: Context) => c as unknown as Context<E>;
  return new Hono()
    .put('/v1/blobs/:digest', async (c) => {
      const digest = digestOf(c.req.param('digest'));
      await hooks.authorizeBlob(inNode(c));
      const bytes = await bytesOf(c.req.raw, digest);
      const tenant = await hooks.authorizeBlob(inNode(c));
      const mediatype = c.req.header('content-type') ?? 'application/octet-stream';
      return c.json(await store.putBlob(tenant, bytes, mediatype), 201);
    })
    .get('/v1/blobs/:digest', async (c) => {
      const digest = digestOf(c.req.param('digest'));
      const bytes = await store.readBlob(await hooks.authorizeBlob(inNode(c)), digest);
      return c.body(bytes as Uint8Array<ArrayBuffer>, 200, BLOB_HEADERS);
    }) as unknown as Hono;
}

/** What outsiders stored is never shown as a page of the office, whatever it says it is. */
const BLOB_HEADERS = {
  'content-type': 'application/octet-stream',
  'content-disposition': 'attachment',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  'cache-control': 'no-store', // an erased one must not live on in caches
};

function digestOf(text: string): string {
  if (BLOB_DIGEST.test(text)) return text;
  throw logError('query_invalid', {
    what: 'There is no such blob',
    why: `\`${text.slice(0, 80)}\` is not a digest`,
    hint: 'Write `sha256:` and 64 hexadecimal digits in lower case',
  });
}

/**
 * The body, hashed while it comes in, so that nothing holds the event loop for 16 MiB.
 *
 * @throws TabbifyError `blob_too_large`, `query_invalid` when it is not what its digest says
 */
async function bytesOf({ body, headers }: Request, digest: string): Promise<Uint8Array> {
  if (Number(headers.get('content-length')) > MAX_BLOB_BYTES) throw tooLarge();
  const hash = createHash('sha256');
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BLOB_BYTES) throw tooLarge();
    hash.update(chunk);
    chunks.push(chunk);
  }
  const found = `sha256:${hash.digest('hex')}`;
  if (found === digest) return Buffer.concat(chunks, size);
  throw logError('query_invalid', {
    what: 'The blob was not stored',
    why: `its bytes have the digest ${found}, not the one in the address`,
    hint: 'Send it again; if it happens again, its bytes change on the way',
  });
}

function tooLarge() {
  return logError('blob_too_large', {
    what: 'The blob is too large',
    why: `a blob holds at most ${MAX_BLOB_BYTES} bytes`,
    hint: 'Cut it into several blobs, or publish it as an artifact',
  });
}
