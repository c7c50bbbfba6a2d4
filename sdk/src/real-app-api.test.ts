import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAppApi } from '../../src/data/index.ts';
import { type AppData, openAppData } from '../../src/data/testing/index.ts';
import { KvConflict, kv, sql } from './index.ts';

let folder: string;
let data: AppData;
let server: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabbify-sdk-'));
  data = openAppData({ folder: join(folder, 'data'), dataMb: 16 });
  server = await listen(data.platform);
  process.env.TABBIFY_API_URL = server.url;
});
afterAll(async () => {
  delete process.env.TABBIFY_API_URL;
  await server.close();
  await data.close();
  await rm(folder, { recursive: true, force: true });
});

/** The app API on a port, as its runner gives it to an app on a stream. */
async function listen(platform: AppData['platform']) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    platform(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy(); // `fetch` keeps its connections
    await new Promise((done) => server.close(done));
  };
  return { url, close };
}

it('keeps keys and values of every kind, and tells who was slower', async () => {
  const key = 'n/ü ?#%';
  const revision = await kv.put(key, { n: 1 }, { ifAbsent: true });
  expect(await kv.get(key)).toMatchObject({ key, revision, contentType: 'application/json' });
  expect(await kv.json(key)).toEqual({ n: 1 });
  const second = await kv.put(key, 'two', { ifRevision: revision });
  const lost = await kv.put(key, 'three', { ifRevision: revision }).catch((error: unknown) => error);
  expect(lost).toBeInstanceOf(KvConflict);
  expect(lost).toMatchObject({ code: 'kv_conflict', revision: second });
  await kv.put('bytes', Uint8Array.of(0, 255));
  expect(await kv.bytes('bytes')).toEqual(Uint8Array.of(0, 255));
  await kv.delete(key, { ifRevision: second });
  await kv.delete(key);
  expect(await kv.get(key)).toBeNull();
});

it('lists over pages with values, and counts what many count at once', async () => {
  await Promise.all(Array.from({ length: 130 }, (_, index) => kv.put(`page/${1000 + index}`, `v${index}`)));
  const listed: string[] = [];
  for await (const { key, bytes } of kv.list({ prefix: 'page/', values: true })) {
    listed.push(`${key}=${new TextDecoder().decode(bytes)}`);
  }
  expect(listed).toEqual(Array.from({ length: 130 }, (_, index) => `page/${1000 + index}=v${index}`));
  const first = await kv.page({ prefix: 'page/', limit: 100 });
  expect((await kv.page({ prefix: 'page/', cursor: first.next })).entries).toHaveLength(30);
  const add = () => kv.update<number>('count', (count) => (count ?? 0) + 1, { tries: 60 });
  await Promise.all(Array.from({ length: 8 }, add));
  expect(await kv.json('count')).toBe(8);
});

it('brings values of SQL back as what they were', async () => {
  await sql`create table t (id integer primary key, v)`;
  const values = [0, -1.5, 'ü\n\u0000', null, 2n ** 63n - 1n, -(2n ** 63n), Uint8Array.of(1, 2, 255), ''];
  for (const value of values) {
    expect(await sql.run`insert into t (v) values (${value})`).toMatchObject({ changes: 1 });
  }
  const rows = await sql<{ v: unknown }>`select v from t order by id`;
  expect(rows.map(({ v }) => v)).toEqual(values);
  expect((await sql.run`insert into t (v) values (${true})`).lastInsertRowid).toBe(values.length + 1);
  expect(await sql.raw('select :a as a, :b as b', { a: 'x', b: false })).toEqual([{ a: 'x', b: 0 }]);
});

it('does all of a batch or nothing of it, and says what SQLite says', async () => {
  await sql`create table u (v integer unique)`;
  const add = (v: number) => sql`insert into u values (${v})`;
  const [one, , all] = await sql.batch([add(1), add(2), sql<{ n: number }>`select count(*) as n from u`]);
  expect([one.changes, all.rows]).toEqual([1, [{ n: 2 }]]);
  const wrong = sql.batch([add(3), add(1)]);
  await expect(wrong).rejects.toMatchObject({ code: 'sql_error', what: expect.stringContaining('UNIQUE') });
  expect(await sql.first`select count(*) as n from u`).toEqual({ n: 2 });
  await expect(sql`attach 'x' as y`).rejects.toMatchObject({ code: 'sql_refused', status: 403 });
});

it('is told the line of the manifest where an app keeps no data', async () => {
  const none = await listen(createAppApi(null));
  process.env.TABBIFY_API_URL = none.url;
  const refusal = { code: 'not_stateful', status: 409, hint: '[runtime]\nstateful = true' };
  await expect(kv.put('a', 'b')).rejects.toMatchObject(refusal);
  await expect(sql`select 1`).rejects.toMatchObject(refusal);
  process.env.TABBIFY_API_URL = server.url;
  await none.close();
});
