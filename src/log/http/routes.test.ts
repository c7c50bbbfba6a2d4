import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { draft, range } from '../conformance/harness.ts';
import { TEST_TOKEN } from '../testing/app.ts';
import { type LogServer, startLogServer, temporaryDirectory } from '../testing/media.ts';
import { until } from '../testing/until.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: LogServer;
const authorization = `Bearer ${TEST_TOKEN}`;

const call = (path: string, init: RequestInit = {}) =>
  fetch(`${server.url}${path}`, { ...init, headers: { authorization, ...init.headers } });
const post = (body: unknown) =>
  call('/v1/events', { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });

beforeEach(async () => {
  directory = await temporaryDirectory();
  server = await startLogServer(join(directory.path, 'log.db'));
});
afterEach(async () => {
  await server.close();
  await directory.dispose();
});

test('an append answers 201, its repetition 200 with the same position', async () => {
  const event = draft();
  const first = await post({ event, expected_position: 0 });
  expect([first.status, await first.json()]).toEqual([201, { position: 1, duplicate: false }]);
  const again = await post({ event, expected_position: 0 });
  expect([again.status, await again.json()]).toEqual([200, { position: 1, duplicate: true }]);
});

test('refusals are problem documents with code, detail and hint', async () => {
  await post({ event: draft() });
  const conflict = await post({ event: draft(), expected_position: 0 });
  expect(conflict.status).toBe(409);
  expect(conflict.headers.get('content-type')).toContain('application/problem+json');
  expect(await conflict.json()).toMatchObject({
    type: 'urn:tabbify:problem:position_conflict',
    title: 'Position conflict',
    status: 409,
    code: 'position_conflict',
    detail: expect.stringContaining('expected was 0'),
    hint: expect.stringContaining('Read what happened'),
  });
  const refused: [unknown, number, string][] = [
    ['{', 400, 'not JSON'],
    [{}, 400, 'event'],
    [{ event: { ...draft(), id: 'x' } }, 400, 'id'],
    [{ event: draft(), expected_position: -1 }, 400, 'expected_position'],
    [{ event: draft({ data: { text: 'a'.repeat(70_000) } }) }, 413, '65536'],
    [{ event: draft({ data: { text: 'a'.repeat(300_000) } }) }, 413, '65536'],
  ];
  for (const [body, status, text] of refused) {
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(((await response.json()) as { detail: string }).detail).toContain(text);
  }
  expect(await server.store.head()).toBe(1);
});

test('a read takes repeated filters, `after` or `from`, and names a parameter that is wrong', async () => {
  for (const n of range(1, 9)) await post({ event: draft({ segment: `tenant_a.s${n % 3}` }) });
  const positions = async (query: string) => {
    const body = (await (await call(`/v1/events?${query}`)).json()) as { events: { position: number }[] };
    return body.events.map((event) => event.position);
  };
  expect(await positions('segment=tenant_*.s1&segment=tenant_a.s2')).toEqual([1, 2, 4, 5, 7, 8]);
  expect(await positions('after=7')).toEqual([8, 9]);
  expect(await positions('from=7&limit=2')).toEqual([7, 8]);
  expect(await positions('type=other')).toEqual([]);
  for (const wrong of ['limit=0', 'limit=abc', 'after=-1', 'after=1&from=1', 'segment=A']) {
    const response = await call(`/v1/events?${wrong}`);
    expect([wrong, response.status]).toEqual([wrong, 400]);
    expect(await response.json()).toMatchObject({ code: 'query_invalid' });
  }
  for (const wrong of ['after=-1', 'after=1&from=1', 'segment=A', 'segment=a..b']) {
    expect([wrong, (await call(`/v1/events/stream?${wrong}`)).status]).toEqual([wrong, 400]);
  }
});

test('a stream carries positions as ids and types as event names, and Last-Event-ID wins over the URL', async () => {
  for (const n of range(1, 3)) await post({ event: draft({ type: `type_${n}` }) });
  const gone = new AbortController();
  const response = await call('/v1/events/stream?after=0', {
    headers: { 'last-event-id': '1' },
    signal: gone.signal,
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  let text = '';
  const body = (async () => {
    for await (const chunk of response.body as ReadableStream<Uint8Array>)
      text += new TextDecoder().decode(chunk);
  })();
  await until(() => text.includes('id: 3\n'));
  await post({ event: draft({ type: 'type_4' }) });
  await until(() => text.includes('id: 4\n'));
  gone.abort();
  await expect(body).rejects.toThrow();
  const frames = text.split('\n\n').filter((frame) => frame.startsWith('id:'));
  expect(frames.map((frame) => frame.split('\n').slice(0, 2))).toEqual([
    ['id: 2', 'event: type_2'],
    ['id: 3', 'event: type_3'],
    ['id: 4', 'event: type_4'],
  ]);
  expect(JSON.parse(frames[0]?.split('\n')[2]?.slice('data: '.length) ?? '')).toMatchObject({ position: 2 });
  await until(() => server.store.stats().waiting === 0);
});

test('without the credential nothing is read, followed or appended', async () => {
  await post({ event: draft({ data: { canary: 'secret-text' } }) });
  for (const path of ['/v1/events', '/v1/events/stream']) {
    const response = await call(path, { headers: { authorization: 'Bearer no' } });
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain('secret-text');
  }
  const body = JSON.stringify({ event: draft() });
  const refused = await call('/v1/events', { method: 'POST', body, headers: { authorization: 'no' } });
  expect(refused.status).toBe(401);
  expect(await server.store.head()).toBe(1);
});
