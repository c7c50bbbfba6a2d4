import { createHash } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { silentLogger } from '../../kit/index.ts';
import { type RunningNode, startTestNode } from '../testing/running-node.ts';
import { watchDisk } from './disk-reserve.ts';

const MB = 1024 * 1024;

let node: RunningNode | undefined;
afterEach(async () => {
  await node?.close();
  node = undefined;
});

const offer = (on: RunningNode, data: object) =>
  on.call('/v1/events', {
    method: 'POST',
    json: {
      event: { type: 'MessageReceived', segment: 'tenant_default.webhook', subject: 'integration/7', data },
    },
  });

test('with the disk nearly full nothing from outside is taken, while the office, reading and erasing go on', async () => {
  node = await startTestNode();
  expect((await offer(node, { n: 1 })).status).toBe(201);
  const { home } = node;
  await node.restart({ retention: { reserveBytes: Number.MAX_SAFE_INTEGER } });

  const refused = await offer(node, { n: 2 });
  expect(refused.status).toBe(503);
  expect(refused.json).toMatchObject({
    code: 'log_unavailable',
    detail: expect.stringMatching(/disk is nearly full: \d+ MB are free/),
    hint: expect.stringContaining('Make room'),
  });
  expect(refused.headers.get('retry-after')).not.toBeNull();
  const bytes = Buffer.from('a blob');
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const blob = await node.call(`/v1/blobs/${digest}`, {
    method: 'PUT',
    body: new Blob([bytes]).stream(),
  });
  expect(blob.status).toBe(503);
  const office = await node.call('/v1/tokens', { method: 'POST', json: { name: 'anna', role: 'viewer' } });
  expect(office.status).toBe(201);
  const page = await node.call('/v1/events?subject=integration/7');
  expect(page.json.events.map((event: { data: object }) => event.data)).toEqual([{ n: 1 }]);
  const erased = await node.call('/v1/events/erase', { method: 'POST', json: { subject: 'integration/7' } });
  expect(erased.json).toMatchObject({ events: 1, keys: 1 });
  expect(node.home).toBe(home);
});

test('the disk is looked at again, and what comes from outside is taken as soon as there is room', async () => {
  let free = 300 * MB;
  const disk = await watchDisk(256 * MB, async () => free, silentLogger());
  expect(disk.refusal()).toBeNull();
  free = 255 * MB;
  expect(disk.refusal()).toBeNull(); // not looked at per append
  await disk.look();
  expect(String(disk.refusal())).toMatch(/255 MB are free, and the last 256 MB/);
  free = 256 * MB;
  await disk.look();
  expect(disk.refusal()).toBeNull();
  disk.close();
});

test('a disk that cannot be looked at refuses nothing', async () => {
  const disk = await watchDisk(
    256 * MB,
    () => Promise.reject(new Error('no such file system call here')),
    silentLogger(),
  );
  expect(disk.refusal()).toBeNull();
  disk.close();
});

test('the log says what it takes to owners of the machine, and its head alone to others', async () => {
  node = await startTestNode({ retention: { trafficDays: 7, trafficBytes: 5 * MB } });
  const before = (await node.call('/v1/log')).json;
  await offer(node, { text: 'x'.repeat(1000) });
  const { status, json } = await node.call('/v1/log');
  expect(status).toBe(200);
  expect(json).toMatchObject({
    head: before.head + 1,
    file_bytes: expect.any(Number),
    free_bytes: expect.any(Number),
    blobs_bytes: 0,
    projections_bytes: expect.any(Number),
    snapshots_bytes: expect.any(Number),
    traffic: { events: 1, oldest: expect.stringMatching(/^\d{4}-/), days: 7, max_bytes: 5 * MB },
    reserve_bytes: 256 * MB,
    refused_unknown: expect.any(Object),
  });
  expect(json.traffic.bytes).toBeGreaterThan(1300); // sealed: a third more
  expect(json.traffic.bytes).toBeLessThan(2500);
  expect(json.file_bytes).toBeGreaterThan(json.traffic.bytes);
  expect(json.disk_free_bytes).toBeGreaterThan(0);

  const stranger = { token: 'nobody' };
  await node.call('/v1/log', stranger);
  const counts = (await node.call('/v1/log')).json.refused_unknown as Record<string, number>;
  expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(1);

  const viewer = await node.call('/v1/tokens', { method: 'POST', json: { name: 'anna', role: 'viewer' } });
  const seen = await node.call('/v1/log', { token: viewer.json.token });
  expect(Object.keys(seen.json)).toEqual(['head']);
});

test('a node erases by itself what is too much, and tells of it', async () => {
  node = await startTestNode({ retention: { trafficBytes: 20_000, runEveryMs: 50 } });
  for (let n = 0; n < 10; n++) await offer(node, { n, text: 'x'.repeat(3_000) });
  const on = node;
  await expect
    .poll(async () => (await on.call('/v1/log')).json.traffic.bytes, { timeout: 10_000 })
    .toBeLessThanOrEqual(20_000);
  await expect
    .poll(() => on.events(['payload_erased']), { timeout: 10_000 })
    .toContainEqual(expect.objectContaining({ actor: 'system' }));
  const { events } = (await on.call('/v1/events?subject=integration/7')).json;
  expect(events[0]).toMatchObject({ data: {}, erased: expect.any(String) });
  expect(events.at(-1).data.n).toBe(9);
});

test('a blob is stored by who may say events, named by one, read by who may read, and erased with it', async () => {
  node = await startTestNode();
  const bytes = Buffer.from('x'.repeat(2 * MB));
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const put = (token: string, on: RunningNode) =>
    on.call(`/v1/blobs/${digest}`, {
      method: 'PUT',
      token,
      body: new Blob([bytes]).stream(),
      headers: { 'content-type': 'text/plain' },
    });
  const viewer = await node.call('/v1/tokens', { method: 'POST', json: { name: 'anna', role: 'viewer' } });
  expect((await put(viewer.json.token, node)).status).toBe(403);
  const early = await node.call(`/v1/blobs/${digest}`);
  expect(early.status).toBe(404);

  const named = {
    dataref: digest,
    type: 'FileReceived',
    segment: 'tenant_default.webhook',
    subject: 'file/1',
  };
  const event = { method: 'POST', json: { event: { ...named, data: {} } } };
  expect((await node.call('/v1/events', event)).json.code).toBe('blob_missing');
  expect((await put(node.token, node)).json).toEqual({ digest, size: bytes.length, mediatype: 'text/plain' });
  expect((await node.call('/v1/events', event)).status).toBe(201);
  const got = await node.call(`/v1/blobs/${digest}`, { token: viewer.json.token });
  expect(got.text).toBe(bytes.toString());
  const { json } = await node.call('/v1/events/erase', { method: 'POST', json: { subject: 'file/1' } });
  expect(json).toMatchObject({ events: 1, keys: 1 });
  expect(json.bytes).toBeGreaterThan(2 * MB);
  expect((await node.call(`/v1/blobs/${digest}`)).status).toBe(404);
});
