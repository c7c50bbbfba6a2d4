import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { lightResponses } from './light-response.ts';
import { sendResponse } from './send-response.ts';

const light = lightResponses(Response);
let answer: () => Response;
let thrown: unknown = null;
const server = createServer((_request, outgoing) => {
  try {
    sendResponse(answer(), light, outgoing);
  } catch (error) {
    thrown = error;
    outgoing.destroy();
  }
});
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
beforeEach(() => {
  thrown = null;
});
afterAll(() => server.close());

const open = async (method = 'GET') => {
  const asked = request({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    method,
    agent: false,
  });
  asked.end();
  const [incoming] = (await once(asked, 'response')) as [IncomingMessage];
  return { asked, incoming };
};
const get = async (made: () => Response, method?: string) => {
  answer = made;
  const { incoming } = await open(method);
  return { status: incoming.statusCode, headers: incoming.headers, text: await text(incoming) };
};
const withoutOwn = ({ date, connection, 'keep-alive': _, ...fields }: IncomingHttpHeaders) => fields;

const stream = () => new Blob(['streamed']).stream();
const { Response: Light } = light;

test.each<[string, () => Response, object, string]>([
  [
    'a text',
    () => new Light('ü'),
    { 'content-type': 'text/plain;charset=UTF-8', 'content-length': '2' },
    'ü',
  ],
  [
    'a text with fields',
    () => new Light('x', { headers: { 'X-A': '1' } }),
    { 'x-a': '1', 'content-type': 'text/plain;charset=UTF-8', 'content-length': '1' },
    'x',
  ],
  [
    'a text with a type',
    () => new Light('x', { headers: { 'Content-Type': 'a/b' } }),
    { 'content-type': 'a/b', 'content-length': '1' },
    'x',
  ],
  ['json', () => Light.json([1]), { 'content-type': 'application/json', 'content-length': '3' }, '[1]'],
  ['bytes', () => new Light(Buffer.from('abc')), { 'content-length': '3' }, 'abc'],
  [
    'bytes with Headers',
    () => new Light(Buffer.from('abc'), { headers: new Headers({ a: 'b' }) }),
    { a: 'b', 'content-length': '3' },
    'abc',
  ],
  ['an ArrayBuffer', () => new Light(new Uint8Array([97]).buffer), { 'content-length': '1' }, 'a'],
  ['nothing', () => new Light(null), { 'content-length': '0' }, ''],
  ['nothing, status 204', () => new Light(null, { status: 204 }), {}, ''],
  ['a stream', () => new Light(stream()), { 'transfer-encoding': 'chunked' }, 'streamed'],
  [
    'a stream of known length',
    () => new Light(stream(), { headers: { 'content-length': '8', 'content-type': 'a/b' } }),
    { 'content-length': '8', 'content-type': 'a/b' },
    'streamed',
  ],
  [
    'a Blob',
    () => new Light(new Blob(['{}'], { type: 'application/json' })),
    { 'content-type': 'application/json', 'content-length': '2' },
    '{}',
  ],
  [
    'URLSearchParams',
    () => new Light(new URLSearchParams({ a: 'ü' })),
    { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8', 'content-length': '8' },
    'a=%C3%BC',
  ],
  [
    'a response of Node’s',
    () => new Response('x'),
    { 'content-type': 'text/plain;charset=UTF-8', 'transfer-encoding': 'chunked' },
    'x',
  ],
  [
    'a redirect',
    () => Light.redirect('http://a.test/', 303),
    { location: 'http://a.test/', 'content-length': '0' },
    '',
  ],
  [
    'a text whose length the app has miscounted',
    () => new Light('über', { headers: { 'content-length': '4' } }),
    { 'content-type': 'text/plain;charset=UTF-8', 'content-length': '5' },
    'über',
  ],
])('writes %s', async (_, made, fields, body) => {
  const { headers, text: read } = await get(made);
  expect(withoutOwn(headers)).toEqual(fields);
  expect(read).toBe(body);
});

test('has the fields of cookies apart, and no say of the app in how messages are framed', async () => {
  const fields: [string, string][] = [
    ...[
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['Connection', 'close'],
      ['transfer-encoding', 'gzip'],
    ],
    ...[
      ['keep-alive', 'timeout=1'],
      ['upgrade', 'h2c'],
    ],
  ] as [string, string][];
  for (const headers of [fields, new Headers(fields)]) {
    const { headers: written, text: read } = await get(() => new Light('x', { headers }));
    expect(written).toMatchObject({ 'set-cookie': ['a=1', 'b=2'], 'content-length': '1' });
    expect(read).toBe('x');
    expect(Object.keys(written)).not.toContain('upgrade');
    expect(written['keep-alive']).not.toBe('timeout=1');
  }
});

test('answers HEAD with the fields alone, and has no stream run that nobody reads', async () => {
  expect(await get(() => new Light('ü'), 'HEAD')).toMatchObject({
    headers: { 'content-length': '2' },
    text: '',
  });
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const events = () =>
    new Light(new ReadableStream({ cancel: () => resolve() }), {
      headers: { 'content-type': 'text/event-stream' },
    });
  expect((await get(events, 'HEAD')).headers['content-type']).toBe('text/event-stream');
  await cancelled;
  const told = () => new Light(null, { headers: { 'content-length': '12' } });
  expect((await get(told, 'HEAD')).headers['content-length']).toBe('12');
  expect((await get(told)).headers['content-length']).toBe('0');
  const unchanged = () => new Light(null, { status: 304, headers: { 'content-length': '12', etag: '"1"' } });
  expect((await get(unchanged)).headers).toMatchObject({ 'content-length': '12', etag: '"1"' });
});

test('takes texts in a stream as well, and breaks off at what is neither', async () => {
  const of =
    (...chunks: unknown[]) =>
    () =>
      new Light(ReadableStream.from(chunks) as ReadableStream<Uint8Array>);
  expect((await get(of('a', Buffer.from('b'), '', 'ü'))).text).toBe('abü');
  answer = of('a', 7);
  const { incoming } = await open();
  await expect(text(incoming)).rejects.toThrow('aborted');
});

test('cancels a stream whose reader goes', async () => {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  answer = () =>
    new Light(
      new ReadableStream({
        start: (control) => control.enqueue(Buffer.from('begun')),
        cancel: () => resolve(),
      }),
    );
  const { asked, incoming } = await open();
  incoming.on('error', () => {});
  await once(incoming, 'data');
  asked.destroy();
  await cancelled;
});

test('writes nothing of a response whose body has been read', async () => {
  answer = () => {
    const made = new Light('x');
    void made.text();
    return made;
  };
  await expect(open()).rejects.toThrow('socket hang up');
  expect(thrown).toBeInstanceOf(TypeError);
});
