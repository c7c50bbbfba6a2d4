import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiClient, callApi } from '../testing/api-client.ts';
import { type DataFolder, dataFolderForTest } from '../testing/data-folder.ts';
import { createAppApi } from './app-api.ts';
import { createBodyReader } from './read-body.ts';

let data: DataFolder;
let api: ApiClient;
beforeAll(async () => {
  data = await dataFolderForTest();
  api = await callApi(data.open().platform);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await data[Symbol.asyncDispose]();
});

const codeOf = async (response: Response) => [
  response.status,
  ((await response.json()) as { code: string }).code,
];

test('a value comes back as it was put, with its type and its revision', async () => {
  const bytes = new Uint8Array([0, 255, 1]);
  const key = `/${encodeURIComponent('a/b c\u{1f600}%')}`;
  const put = await api.kv('PUT', key, { body: bytes, headers: { 'content-type': 'image/x-tiny' } });
  expect([put.status, put.headers.get('etag')]).toEqual([200, '"1"']);
  expect(await put.json()).toEqual({ revision: '1' });
  const got = await api.kv('GET', key);
  expect([got.headers.get('content-type'), got.headers.get('etag')]).toEqual(['image/x-tiny', '"1"']);
  expect(new Uint8Array(await got.arrayBuffer())).toEqual(bytes);
  expect((await api.kv('DELETE', key)).status).toBe(204);
  expect((await api.kv('DELETE', key)).status).toBe(204);
  expect(await codeOf(await api.kv('GET', key))).toEqual([404, 'kv_not_found']);
});

test('a write with a condition is done when it holds, and told the revision there is when not', async () => {
  const first = await api.kv('PUT', '/cas', { body: '1', headers: { 'if-none-match': '*' } });
  const etag = first.headers.get('etag') ?? '';
  const again = await api.kv('PUT', '/cas', { body: '2', headers: { 'if-none-match': '*' } });
  expect([again.status, again.headers.get('etag')]).toEqual([412, etag]);
  expect(await codeOf(again)).toEqual([412, 'kv_conflict']);
  const second = await api.kv('PUT', '/cas', { body: '2', headers: { 'if-match': etag } });
  expect(second.status).toBe(200);
  expect((await api.kv('DELETE', '/cas', { headers: { 'if-match': etag } })).status).toBe(412);
  expect(await (await api.kv('GET', '/cas')).text()).toBe('2');
  const absent = await api.kv('PUT', '/none', { body: '2', headers: { 'if-match': '"1"' } });
  expect([absent.status, absent.headers.get('etag')]).toEqual([412, null]);
});

test('keys are listed by prefix, page by page', async () => {
  for (const key of ['p/1', 'p/2', 'p/3', 'q']) await api.kv('PUT', `/${key}`, { body: key });
  const page = async (query: string) =>
    (await (await api.kv('GET', `?prefix=p/&limit=2${query}`)).json()) as {
      entries: { key: string; size: number; value?: string }[];
      next: string | null;
    };
  const first = await page('&values=true');
  expect(first.entries).toMatchObject([
    { key: 'p/1', size: 3, content_type: 'text/plain;charset=UTF-8', value: btoa('p/1') },
    { key: 'p/2' },
  ]);
  const second = await page(`&cursor=${first.next}`);
  expect(second).toMatchObject({ entries: [{ key: 'p/3' }], next: null });
  expect(second.entries[0]).not.toHaveProperty('value');
});

test.each([
  ['an empty key', 'GET', '/', 200],
  ['a key that is no UTF-8', 'GET', '/%ff', 400],
  ['a key that is too long', 'GET', `/${'x'.repeat(513)}`, 400],
  ['a method that is none of it', 'POST', '/a', 405],
  ['a limit that is none', 'GET', '?limit=1001', 400],
  ['a cursor that no list gave', 'GET', '?cursor=%20', 400],
])('%s is answered', async (_, method, path, status) => {
  expect((await api.kv(method, path)).status).toBe(status);
});

test.each([
  ['a condition that is none', { 'if-match': 'W/"1"' }, 'data_request_invalid'],
  ['two conditions', { 'if-match': '"1"', 'if-none-match': '*' }, 'data_request_invalid'],
])('%s is told', async (_, headers, code) => {
  expect(await codeOf(await api.kv('PUT', '/x', { body: 'x', headers }))).toEqual([400, code]);
});

test('a value over 1 MiB is refused, and one of 1 MiB is kept', async () => {
  const most = 1024 * 1024;
  expect(await codeOf(await api.kv('PUT', '/large', { body: new Uint8Array(most + 1) }))).toEqual([
    413,
    'body_too_large',
  ]);
  expect((await api.kv('PUT', '/large', { body: new Uint8Array(most) })).status).toBe(200);
  expect((await (await api.kv('GET', '/large')).arrayBuffer()).byteLength).toBe(most);
});

test('a body that says it is small and is large is refused all the same', async () => {
  const { port, hostname } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  socket.write('PUT /v1/kv/x HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n');
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  const answer = text(socket);
  socket.on('error', () => {}); // it is closed while we write
  for (let sent = 0; sent < 18 && !socket.destroyed; sent++) socket.write(chunk);
  expect(await answer).toMatch(/^HTTP\/1\.1 413 /);
});

test('a body that does not come is not waited for, and holds nobody up', async () => {
  const bodies = createBodyReader(50);
  const request = Object.assign(new (await import('node:stream')).PassThrough(), { headers: {} });
  request.write('half');
  const reading = bodies.read(request as never, 100, async () => 'read');
  await expect(reading).rejects.toMatchObject({ code: 'body_too_slow' });
});

test('SQL answers what the database says, and problems name what helps', async () => {
  await api.sql('CREATE TABLE t (id INTEGER PRIMARY KEY, x)');
  expect(
    await api.batch([{ sql: 'INSERT INTO t (x) VALUES (?)', params: ['a'] }, { sql: 'SELECT x FROM t' }]),
  ).toEqual({
    status: 200,
    results: [
      { columns: [], rows: [], changes: 1, last_insert_rowid: '1' },
      { columns: ['x'], rows: [['a']], changes: 0, last_insert_rowid: null },
    ],
  });
  expect(await api.sql('SELEC 1')).toMatchObject({
    status: 400,
    code: 'sql_error',
    detail: expect.stringContaining('syntax error'),
  });
  expect(await api.sql('BEGIN')).toMatchObject({
    status: 403,
    code: 'sql_refused',
    hint: expect.stringContaining('batch'),
  });
});

test('an app that keeps no data is told the line that makes it', async () => {
  await using none = await callApi(createAppApi(null));
  expect(await none.sql('SELECT 1')).toMatchObject({
    status: 409,
    code: 'not_stateful',
    hint: '[runtime]\nstateful = true',
  });
  const other = await fetch(`${none.url}/v1/events`, { method: 'POST', body: '{}' });
  expect(await codeOf(other)).toEqual([404, 'app_api_missing']);
});

test('an app that leaves in the middle of a request harms nobody', async () => {
  const { port, hostname } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  socket.write('PUT /v1/kv/left HTTP/1.1\r\ncontent-length: 10\r\n\r\nhalf');
  await once(socket, 'connect');
  socket.destroy();
  expect((await api.kv('PUT', '/next', { body: 'x' })).status).toBe(200);
  expect((await api.kv('GET', '/left')).status).toBe(404);
});
