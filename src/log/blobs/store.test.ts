import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { codeOf, draft } from '../conformance/harness.ts';
import { openSqliteLog, type SqliteLog } from '../sqlite/open.ts';
import { flipBit } from '../testing/filled-log.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { createBlobStore } from './store.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let log: SqliteLog;
const blobs = () => join(directory.path, 'blobs');
const pathOf = (tenant: string, digest: string) => {
  const hex = digest.slice('sha256:'.length);
  return join(blobs(), tenant, hex.slice(0, 2), hex);
};
const put = async (text: string) => (await log.putBlob('default', Buffer.from(text), 'text/plain')).digest;
/** As if it had been stored so long ago. */
const age = async (path: string, hours: number) => {
  const time = new Date(Date.now() - hours * 3_600_000);
  await utimes(path, time, time);
};

beforeEach(async () => {
  directory = await temporaryDirectory();
  log = await openSqliteLog({ file: join(directory.path, 'log.db') });
});
afterEach(async () => {
  await log.close();
  await directory.dispose();
});

test('a blob is one file below its office, named by its digest, for its owner only', async () => {
  const digest = await put('text');
  expect(digest).toBe(`sha256:${createHash('sha256').update('text').digest('hex')}`);
  const path = pathOf('default', digest);
  expect(await readFile(path, 'utf8')).toBe('text');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  for (const folder of [dirname(path), join(blobs(), 'default'), blobs()]) {
    expect([folder, (await stat(folder)).mode & 0o777]).toEqual([folder, 0o700]);
  }
  expect(await readdir(dirname(path))).toHaveLength(1);
});

test('a blob that the disk changed is named as damaged; stored again it is whole, when its length tells', async () => {
  const digest = await put('some text');
  await flipBit(pathOf('default', digest), 2, 3);
  const error = await log.readBlob('default', digest).catch((e) => e);
  expect(error).toMatchObject({ code: 'blob_damaged', status: 500 });
  expect(error.hint).toContain('doctor');
  await writeFile(pathOf('default', digest), 'some');
  expect(await codeOf(log.readBlob('default', digest))).toBe('blob_damaged');
  await put('some text');
  expect(Buffer.from(await log.readBlob('default', digest)).toString()).toBe('some text');
});

test('a name that is no office is refused before the disk is touched', async () => {
  for (const tenant of ['../x', '', 'A', 'a/b', '.']) {
    expect(await codeOf(log.putBlob(tenant, Buffer.from('x'), 'text/plain')), tenant).toBe('query_invalid');
    expect(await codeOf(log.readBlob(tenant, `sha256:${'0'.repeat(64)}`)), tenant).toBe('query_invalid');
  }
  expect(await codeOf(log.putBlob('default', Buffer.from('x'), 'no media type'))).toBe('query_invalid');
  expect(await readdir(directory.path)).not.toContain('blobs');
});

test('the sweep takes what no event names and is older than a day, and nothing else', async () => {
  const named = await put('named');
  await log.append(draft({ dataref: named }));
  const unnamed = await put('unnamed');
  const young = await put('young');
  const again = await put('stored again');
  for (const digest of [named, unnamed, again]) await age(pathOf('default', digest), 25);
  await age(pathOf('default', young), 23);
  await put('stored again');
  const left = join(dirname(pathOf('default', young)), 'left.tmp');
  await writeFile(left, 'half');
  await age(left, 25);
  const before = (await log.usage()).blobs;
  expect(await log.sweepBlobs()).toEqual({ removed: 1, bytes: 'unnamed'.length });
  expect((await log.usage()).blobs).toBe(before - 'unnamed'.length);
  expect(await codeOf(log.readBlob('default', unnamed))).toBe('blob_missing');
  for (const digest of [named, young, again]) await log.readBlob('default', digest);
  expect(await readdir(dirname(left))).not.toContain('left.tmp');
  // The id of an append that came too late is free: the blob is stored again, then it goes.
  const late = draft({ dataref: unnamed });
  expect(await codeOf(log.append(late))).toBe('blob_missing');
  await put('unnamed');
  expect((await log.append(late)).position).toBe(2);
});

test('usage counts what lies there at the first look and follows from then on', async () => {
  const folder = join(blobs(), 'default', 'ab');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `ab${'0'.repeat(62)}`), 'x'.repeat(100));
  await writeFile(join(folder, 'no blob'), 'x'.repeat(1000));
  expect((await log.usage()).blobs).toBe(100);
  await put('seven!!');
  await put('seven!!');
  expect((await log.usage()).blobs).toBe(107);
  expect(await createBlobStore(blobs()).usage()).toBe(107);
});

test('a blob that cannot be written is refused as the log unavailable', async () => {
  await writeFile(blobs(), 'a file where the folder should be');
  const error = await log.putBlob('default', Buffer.from('x'), 'text/plain').catch((e) => e);
  expect(error).toMatchObject({ code: 'log_unavailable', status: 503 });
});
