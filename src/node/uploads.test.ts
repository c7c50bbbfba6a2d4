import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VERSION_LIMITS } from './index.ts';
import { manifest, OTHER, TINY } from './testing/apps.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';
import { issue, openOffice } from './testing/tokens.ts';
import { begin, bytesOf, listOf, publishUpload, pushInPieces, send } from './testing/uploads.ts';

const HOUR_MS = 3600_000;
let now = Date.now();
const clock = { now: () => now };
let node: RunningNode;
beforeEach(async () => {
  node = await startTestNode({ clock });
});
afterEach(() => node.close());

const app = (id = TINY, name = 'tiny', extra: Record<string, string | Uint8Array> = {}) => ({
  'tabbify.toml': manifest(id, name, '[build]\nmain = "main.ts"\n'),
  'main.ts': 'export default {}',
  'empty.txt': '',
  ...extra,
});
const head = (id: string) =>
  fetch(`${node.url}/v1/apps/${TINY}/uploads/${id}`, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${node.token}` },
  });
const offsetOf = async (id: string) => Number((await head(id)).headers.get('upload-offset'));
const staged = (uuid = TINY) =>
  readdir(join(node.home, 'pushes/default', uuid), { recursive: true }).catch(() => [] as string[]);

test('a version made of an upload is the one that the archive makes', async () => {
  const flat = app(TINY, 'tiny', { 'data.bin': randomBytes(300_000), 'again.bin': 'x' });
  const files = { ...flat, 'a/b.txt': 'x' };
  const packed = await node.push(TINY, flat);
  const uploaded = await pushInPieces(node, OTHER, {
    ...flat,
    'tabbify.toml': manifest(OTHER, 'other', '[build]\nmain = "main.ts"\n'),
  });
  expect([packed.status, uploaded.status]).toEqual([201, 201]);
  const again = await pushInPieces(node, TINY, flat);
  expect(again.json).toMatchObject({
    version: 2,
    digest: packed.json.digest,
    warnings: packed.json.warnings,
  });
  const published = (await node.events(['version_published'])).filter(
    ({ subject }) => subject === `app/${TINY}`,
  );
  expect(published).toHaveLength(2);
  expect(published[1]?.data).toEqual({ ...published[0]?.data, version: 2 });
  const deep = await pushInPieces(node, TINY, files);
  const { json } = await node.call(`/v1/apps/${TINY}/versions/${deep.json.version}`);
  expect(json.files_list.map(({ path }: { path: string }) => path)).toEqual(Object.keys(files).sort());
  expect([
    await staged(),
    await readdir(join(node.home, 'uploads')),
    await readdir(join(node.home, 'publishing')),
  ]).toEqual([['contents'], [], []]);
});

test('an upload goes on where it was cut off, by the same push or by the next, also in another life of the office', async () => {
  const data = randomBytes(500_000);
  const files = app(TINY, 'tiny', { 'data.bin': data });
  const { json } = await begin(node, TINY, files);
  const bytes = bytesOf(json.missing, files);
  expect([json.offset, json.length]).toEqual([0, bytes.length]);

  await sendAndBreakOff(json.id, bytes.subarray(0, 200_000), bytes.length);
  const stands = () => offsetOf(json.id);
  await expect.poll(stands, { timeout: 20_000 }).toBe(200_000);
  await node.restart();
  expect(await stands()).toBe(200_000);
  const { headers } = await head(json.id);
  expect([headers.get('upload-length'), headers.get('tus-resumable'), headers.get('cache-control')]).toEqual([
    String(bytes.length),
    '1.0.0',
    'no-store',
  ]);
  expect((await publishUpload(node, TINY, json.id)).json.code).toBe('upload_incomplete');
  expect((await send(node, TINY, json.id, 0, bytes)).json.code).toBe('upload_offset');

  // another push, with another text: the large file is not begun anew
  const later = { ...files, 'main.ts': 'export default { fetch() {} }' };
  const { json: second } = await begin(node, TINY, later);
  const rest = bytesOf(second.missing, later);
  const own = [Buffer.byteLength(files['tabbify.toml']), Buffer.byteLength(later['main.ts'])] as const;
  expect(second.offset).toBe(own[0]); // what comes next is another file than before
  const atMain = await send(node, TINY, second.id, second.offset, rest.subarray(own[0], own[0] + own[1]));
  expect([atMain.status, atMain.headers.get('upload-offset')]).toEqual([
    204,
    String(200_000 - Buffer.byteLength(files['main.ts']) + own[1]),
  ]);
  const offset = await offsetOf(second.id);
  expect((await send(node, TINY, second.id, offset, rest.subarray(offset))).status).toBe(204);
  expect((await publishUpload(node, TINY, second.id)).status).toBe(201);
  // the first one has all it needs, through the second
  expect(await stands()).toBe(bytes.length);
  expect((await publishUpload(node, TINY, json.id)).json).toMatchObject({ version: 2 });
});

test('what the last versions of the app have is not asked for, and what others have is', async () => {
  const secret = randomBytes(2000);
  await node.push(OTHER, app(OTHER, 'other', { 'secret.bin': secret }));
  await node.push(TINY, app(TINY, 'tiny', { 'own.bin': 'mine' }));
  const files = app(TINY, 'tiny', { 'own.bin': 'mine', 'secret.bin': secret, 'new.txt': 'new' });
  const { json } = await begin(node, TINY, files);
  expect(json.missing).toEqual(
    listOf({ 'secret.bin': secret, 'new.txt': 'new' }).map(({ sha256, size }) => ({ sha256, size })),
  );
  const boss = await openOffice(node, 'berlin');
  const theirs = await begin(node, TINY, files, { token: boss });
  expect([theirs.status, theirs.json.code]).toEqual([404, 'app_unknown']);
  const nobodys = await node.call(`/v1/apps/${TINY}/uploads/${json.id}`, { token: boss });
  expect([nobodys.status, nobodys.json.code]).toEqual([404, 'upload_unknown']);
  const viewer = await issue(node, { name: 'eve', role: 'viewer' });
  expect((await begin(node, TINY, files, { token: viewer.token })).status).toBe(403);
});

test('what is wrong with the manifest is said before anything is sent', async () => {
  await node.push(OTHER, app(OTHER, 'taken'));
  const files = listOf(app());
  const announce = (text: string) =>
    node.call(`/v1/apps/${TINY}/uploads`, {
      method: 'POST',
      json: { files, manifest: { file: 'tabbify.toml', text } },
    });
  for (const [text, status, code] of [
    [manifest(TINY, 'taken'), 409, 'name_taken'],
    [manifest(OTHER, 'tiny'), 400, 'app_id_mismatch'],
    ['[app', 400, 'manifest_invalid'],
  ] as const) {
    const answer = await announce(text);
    expect([answer.status, answer.json.code]).toEqual([status, code]);
  }
  expect(await staged()).toEqual([]);
  expect((await announce(manifest(TINY, 'tiny'))).status).toBe(201);
});

test('bytes that are not those that were announced are not kept', async () => {
  const files = app(TINY, 'tiny', { 'data.bin': 'announced' });
  const { json } = await begin(node, TINY, files);
  const bytes = bytesOf(json.missing, files);
  const wrong = Buffer.from(bytes);
  wrong[bytes.length - 1] = 0;
  const refused = await send(node, TINY, json.id, 0, wrong);
  expect([refused.status, refused.json.code]).toEqual([409, 'content_mismatch']);
  expect(await offsetOf(json.id)).toBe(bytes.length - 'announced'.length);
  expect(
    (await send(node, TINY, json.id, bytes.length - 9, Buffer.from('announced and more'))).json.code,
  ).toBe('content_too_long');
  const other = await send(node, TINY, json.id, bytes.length, Buffer.from('x'), {
    headers: { 'tus-resumable': '0.2' },
  });
  expect([other.status, other.headers.get('tus-resumable')]).toEqual([412, '1.0.0']);
  expect((await publishUpload(node, TINY, json.id)).status).toBe(201);
});

test('a revoked credential ends an upload at once', async () => {
  const { token, id: credential } = await issue(node, { name: 'ci', role: 'developer' });
  const files = app(TINY, 'tiny', { 'data.bin': randomBytes(100_000) });
  const { json } = await begin(node, TINY, files, { token });
  const bytes = bytesOf(json.missing, files);
  const slow = patch(json.id, bytes.length, token);
  const answered = once(slow, 'response');
  slow.write(bytes.subarray(0, 50_000));
  await expect.poll(() => offsetOf(json.id), { timeout: 20_000 }).toBe(50_000);
  expect((await node.call(`/v1/tokens/${credential}`, { method: 'DELETE' })).status).toBe(200);
  const [response] = await answered;
  expect(response.statusCode).toBe(401);
  slow.destroy();
  expect((await publishUpload(node, TINY, json.id, { token })).status).toBe(401);
  expect((await send(node, TINY, json.id, 50_000, bytes.subarray(50_000))).status).toBe(204);
});

test('two pushes at once give two versions; the second waits, and sends what the first has not', async () => {
  const large = randomBytes(100_000);
  const [one, two] = [
    app(TINY, 'tiny', { 'large.bin': large }),
    app(TINY, 'tiny', { 'large.bin': large, 'main.ts': '2' }),
  ];
  const [a, b] = [(await begin(node, TINY, one)).json, (await begin(node, TINY, two)).json];
  const bytes = bytesOf(a.missing, one);
  const slow = patch(a.id, bytes.length);
  const answered = once(slow, 'response');
  slow.write(bytes.subarray(0, 1000));
  await expect.poll(() => offsetOf(a.id), { timeout: 20_000 }).toBe(1000);
  expect((await send(node, TINY, b.id, 0, bytesOf(b.missing, two))).json.code).toBe('upload_busy');
  expect((await publishUpload(node, TINY, a.id)).json.code).toBe('upload_busy');
  slow.end(bytes.subarray(1000));
  expect((await answered)[0].statusCode).toBe(204);
  const stands = await offsetOf(b.id);
  expect((await send(node, TINY, b.id, stands, bytesOf(b.missing, two).subarray(stands))).status).toBe(204);
  const published = await Promise.all([a, b].map(({ id }) => publishUpload(node, TINY, id)));
  expect(published.map(({ json }) => json.version).sort()).toEqual([1, 2]);
});

test('who goes on with an upload takes over from a line that died', async () => {
  const files = app(TINY, 'tiny', { 'large.bin': randomBytes(100_000) });
  const { json } = await begin(node, TINY, files);
  const bytes = bytesOf(json.missing, files);
  const dead = patch(json.id, bytes.length);
  dead.on('error', () => {});
  const ended = once(dead, 'response');
  dead.write(bytes.subarray(0, 1000));
  await expect.poll(() => offsetOf(json.id), { timeout: 20_000 }).toBe(1000);
  expect((await send(node, TINY, json.id, 1000, bytes.subarray(1000))).status).toBe(204);
  expect((await ended)[0].statusCode).toBe(423);
  dead.destroy();
  expect((await publishUpload(node, TINY, json.id)).status).toBe(201);
});

test('an upload that nobody goes on with is swept after a day, with its bytes and its room', async () => {
  const files = app(TINY, 'tiny', { 'data.bin': randomBytes(5000) });
  const limits = { ...VERSION_LIMITS, appBytes: 8000 };
  await node.restart({ versionLimits: limits });
  const { json } = await begin(node, TINY, files);
  await send(node, TINY, json.id, 0, bytesOf(json.missing, files).subarray(0, 3000));
  expect((await begin(node, TINY, { ...files, 'data.bin': randomBytes(5000) })).json.code).toBe(
    'quota_exceeded',
  );
  expect((await node.push(TINY, { ...app(), 'data.bin': randomBytes(5000) })).json.code).toBe(
    'quota_exceeded',
  );
  now += 23 * HOUR_MS;
  await node.restart({ versionLimits: limits });
  expect((await head(json.id)).status).toBe(200);
  now += 2 * HOUR_MS;
  await node.restart({ versionLimits: limits });
  expect((await head(json.id)).status).toBe(404);
  expect(await staged()).toEqual([]);
  expect((await node.push(TINY, { ...app(), 'data.bin': randomBytes(5000) })).status).toBe(201);
});

test('uploads that were left give way to another push of the same app', async () => {
  await node.restart({ versionLimits: { ...VERSION_LIMITS, appBytes: 8000 } });
  const { json } = await begin(node, TINY, app(TINY, 'tiny', { 'data.bin': randomBytes(5000) }));
  now += 61_000;
  const next = await begin(node, TINY, app(TINY, 'tiny', { 'data.bin': randomBytes(5000) }));
  expect(next.status).toBe(201);
  expect((await head(json.id)).status).toBe(404);
});

test('an app has so many uploads open at a time', async () => {
  const answers = [];
  for (let n = 0; n < 9; n++)
    answers.push(await begin(node, TINY, app(TINY, 'tiny', { 'n.txt': String(n) })));
  expect(answers.map(({ status }) => status)).toEqual([...Array(8).fill(201), 429]);
});

test('of two pushes at once that have room for one, one is refused, whichever way they go', async () => {
  const KB = 1024;
  await node.restart({ versionLimits: { ...VERSION_LIMITS, appBytes: 6 * KB } });
  const files = (n: number) => app(TINY, 'tiny', { 'data.bin': Buffer.alloc(5 * KB, n) });
  const packed = await Promise.all([1, 2, 3].map((n) => node.push(TINY, files(n))));
  expect(packed.map(({ status }) => status).sort()).toEqual([201, 413, 413]);
  await node.restart({ versionLimits: { ...VERSION_LIMITS, appBytes: 12 * KB } });
  const begun = await Promise.all([4, 5].map((n) => begin(node, TINY, files(n))));
  expect(begun.map(({ status }) => status).sort()).toEqual([201, 413]);
  expect((await node.push(TINY, files(6))).status).toBe(413);
});

test('a publishing that is repeated under its key is answered as the first was', async () => {
  const files = app();
  const { json } = await begin(node, TINY, files);
  await send(node, TINY, json.id, 0, bytesOf(json.missing, files));
  const once = { headers: { 'idempotency-key': 'push-1' } };
  const first = await publishUpload(node, TINY, json.id, once);
  const second = await publishUpload(node, TINY, json.id, once);
  expect([second.status, second.json.version]).toEqual([201, first.json.version]);
  expect(await node.events(['version_published'])).toHaveLength(1);
});

/** A request whose body comes in when the test says so. */
function patch(id: string, length: number, token = node.token) {
  return request(`${node.url}/v1/apps/${TINY}/uploads/${id}`, {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/offset+octet-stream',
      'tus-resumable': '1.0.0',
      'upload-offset': '0',
      'content-length': length,
    },
  });
}

async function sendAndBreakOff(id: string, bytes: Buffer, length: number): Promise<void> {
  const slow = patch(id, length);
  slow.on('error', () => {});
  slow.write(bytes);
  await expect.poll(() => offsetOf(id), { timeout: 20_000 }).toBe(bytes.length);
  slow.destroy();
}
