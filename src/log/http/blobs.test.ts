import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { codeOf } from '../conformance/harness.ts';
import { openRemoteLog } from '../index.ts';
import { TEST_TOKEN } from '../testing/app.ts';
import { type LogServer, startLogServer, temporaryDirectory } from '../testing/media.ts';

const MIB = 1024 * 1024;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: LogServer;
beforeEach(async () => {
  directory = await temporaryDirectory();
  server = await startLogServer(join(directory.path, 'log.db'));
});
afterEach(async () => {
  await server.close();
  await directory.dispose();
});

const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const call = (path: string, init: RequestInit = {}) =>
  fetch(`${server.url}/v1/blobs/${path}`, {
    ...init,
    headers: { authorization: `Bearer ${TEST_TOKEN}`, ...init.headers },
  });
const put = (digest: string, bytes: Uint8Array<ArrayBuffer>, mediatype = 'text/html') =>
  call(digest, { method: 'PUT', body: bytes, headers: { 'content-type': mediatype } });

test('a blob is stored under its digest with its media type, and given back as bytes that no browser shows', async () => {
  const page = new TextEncoder().encode('<script>alert(1)</script>');
  const stored = await put(digestOf(page), page);
  expect(stored.status).toBe(201);
  expect(await stored.json()).toEqual({ digest: digestOf(page), size: page.length, mediatype: 'text/html' });
  const given = await call(digestOf(page));
  expect(new Uint8Array(await given.arrayBuffer())).toEqual(page);
  expect(Object.fromEntries(given.headers)).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'no-store',
  });
});

test('bytes that are not what the address says are not stored', async () => {
  const bytes = new TextEncoder().encode('canary');
  const other = digestOf(new TextEncoder().encode('other'));
  const refused = await put(other, bytes);
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({
    code: 'query_invalid',
    detail: expect.stringContaining('digest'),
  });
  for (const digest of [other, digestOf(bytes)]) {
    const missing = await call(digest);
    expect([missing.status, ((await missing.json()) as { code: string }).code]).toEqual([
      409,
      'blob_missing',
    ]);
  }
  expect((await put('sha256:..%2f..%2fetc', bytes)).status).toBe(400);
});

test('16 MiB are stored, a byte more is refused, whether the length is told before or not', async () => {
  const largest = new Uint8Array(16 * MIB).fill(7);
  expect((await put(digestOf(largest), largest)).status).toBe(201);
  const over = new Uint8Array(16 * MIB + 1);
  const told = await put(digestOf(over), over);
  expect([told.status, ((await told.json()) as { code: string }).code]).toEqual([413, 'blob_too_large']);
  const stream = new ReadableStream({
    start(controller) {
      for (let n = 0; n < 17; n++) controller.enqueue(over.subarray(0, MIB));
      controller.close();
    },
  });
  const init = { method: 'PUT', body: stream, duplex: 'half' } as RequestInit;
  expect((await call(digestOf(over), init)).status).toBe(413);
});

test('without the credential nothing is stored and nothing is given', async () => {
  const bytes = new TextEncoder().encode('canary');
  const { digest } = await server.store.putBlob('default', bytes, 'text/plain');
  const headers = { authorization: 'Bearer no' };
  const refused = await call(digest, { headers });
  expect(refused.status).toBe(401);
  expect(await refused.text()).not.toContain('canary');
  const other = new TextEncoder().encode('other');
  expect((await call(digestOf(other), { method: 'PUT', body: other, headers })).status).toBe(401);
  expect(await codeOf(server.store.readBlob('default', digestOf(other)))).toBe('blob_missing');
});

test('a blob of one office is not a blob of another', async () => {
  const log = openRemoteLog({ url: server.url, token: TEST_TOKEN });
  const bytes = new TextEncoder().encode('of a');
  const { digest } = await log.putBlob('a', bytes, 'text/plain');
  expect(new Uint8Array(await log.readBlob('a', digest))).toEqual(bytes);
  expect(await codeOf(log.readBlob('b', digest))).toBe('blob_missing');
  await log.close();
});
