import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type GuestProcess, removeGuestProgram, serveGuest } from '../../boxed/guest/testing/index.ts';

/** An app with a route for each way of answering; `/seen` tells what it has noticed by itself. */
const APP = `
  const seen = [];
  const encoder = new TextEncoder();
  const routes = {
    '/echo': (request) => new Response(request.body, { headers: { 'x-method': request.method } }),
    '/text': async (request) => new Response('got ' + (await request.text()).length),
    '/head': () => new Response('12345', { headers: { 'content-length': '5' } }),
    '/empty': () => new Response(null, { status: 204 }),
    '/cookies': () => {
      const headers = new Headers({ 'x-one': '1' });
      headers.append('set-cookie', 'a=1; Path=/');
      headers.append('set-cookie', 'b=2');
      return new Response('ok', { headers });
    },
    '/redirect': () => Response.redirect('http://app.test/next', 303),
    '/throws': () => { throw new RangeError('on purpose'); },
    '/rejects': async () => { await null; throw { odd: true }; },
    '/nothing': () => undefined,
    '/number': async () => 7,
    '/events': (request) => {
      let timer;
      request.signal.addEventListener('abort', () => seen.push('aborted'));
      return new Response(new ReadableStream({
        start(controller) {
          let n = 0;
          timer = setInterval(() => controller.enqueue(encoder.encode('data: ' + n++ + '\\n\\n')), 20);
        },
        cancel() { clearInterval(timer); seen.push('cancelled'); },
      }), { headers: { 'content-type': 'text/event-stream' } });
    },
    '/waits': (request) => new Promise((done) => {
      request.signal.addEventListener('abort', () => { seen.push('gone: ' + request.signal.reason); done(new Response()); });
      seen.push('waiting');
    }),
    '/pulled': () => {
      let pulled = 0;
      return new Response(new ReadableStream({
        pull(controller) { pulled += 1; globalThis.pulled = pulled; controller.enqueue(new Uint8Array(65536)); },
      }));
    },
    '/pulled-so-far': () => new Response(String(globalThis.pulled)),
    '/breaks': () => new Response(new ReadableStream({
      start(controller) {
        controller.enqueue(encoder.encode('begun'));
        globalThis.breakOff = () => controller.error(new Error('in the middle'));
      },
    })),
    '/break-off': () => { breakOff(); return new Response(); },
    '/url': (request) => Response.json([request.url, request.headers.get('x-forwarded-for'), [...request.headers.keys()]]),
    '/instances': async () => {
      const answer = await fetch('data:text/plain,hi');
      return Response.json([
        answer instanceof Response, new Response() instanceof Response, new Request('http://a/') instanceof Request,
        {} instanceof Response, await (await fetch(new Request('data:,as-request'))).text(),
      ]);
    },
    '/passed-on': (request) => Response.json([
      new Headers(request.headers).get('x-a'),
      new Request('http://b/', { headers: request.headers }).headers.get('x-a'),
      new Request(request).headers.get('x-a'),
      new Request('http://b/', request).method,
      request.clone().headers.get('x-a'),
      Object.fromEntries(request.headers)['x-a'],
    ]),
    '/replaced': () => {
      const before = [Request, Response];
      class Own extends Response { own = true; }
      globalThis.Response = Own;
      const seen = [Response === Own, Request.name, before[1].name, new Own('x') instanceof before[1], new before[1]('x') instanceof Own];
      globalThis.Response = before[1];
      return Response.json(seen);
    },
    '/context': (request, env, context) => {
      context.waitUntil(Promise.reject(new Error('in the background')));
      context.passThroughOnException();
      return new Response('ok');
    },
    '/made': async (request) => {
      const made = eval(await request.text());
      return made;
    },
    '/bytes': async (request) => new Response(await request.bytes()),
    '/seen': () => Response.json(seen),
  };
  export default { fetch: (request, ...rest) => routes[new URL(request.url).pathname](request, ...rest) };
`;

let guest: GuestProcess;
beforeAll(async () => {
  guest = await serveGuest(APP);
});
afterEach(async () => {
  expect((await guest.get('/empty')).status).toBe(204); // whatever a test did, the app serves on
});
afterAll(async () => {
  await guest[Symbol.asyncDispose]();
  await removeGuestProgram();
});

/** Asks again until it is so. The test's own time is the deadline. */
async function until(path: string, isSo: (text: string) => boolean): Promise<void> {
  while (!isSo((await guest.get(path)).text)) await new Promise((done) => setTimeout(done, 10));
}

const answerTo = async (path: string, method = 'GET') => {
  const request = guest.open({ path, method });
  request.on('error', () => {});
  request.flushHeaders();
  if (method === 'GET') request.end();
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  answer.on('error', () => {});
  return { request, answer, chunks: answer.iterator() as AsyncIterator<Buffer> };
};

test('passes bodies on chunk by chunk, both ways at once', async () => {
  const { request, answer, chunks } = await answerTo('/echo', 'POST');
  expect(answer.headers['x-method']).toBe('POST');
  for (const part of ['first', 'second']) {
    request.write(part);
    expect(String((await chunks.next()).value)).toBe(part);
  }
  request.end();
  expect((await chunks.next()).done).toBe(true);
});

test('carries large bodies unchanged, in the form they came', async () => {
  const body = Buffer.alloc(5_000_001, 'abcdefg');
  expect((await guest.get('/text', { body })).text).toBe('got 5000001');
  expect((await guest.get('/echo', { body })).text).toBe(body.toString());
});

test('answers HEAD without a body, and a response without one', async () => {
  expect(await guest.get('/head', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  expect((await guest.get('/head', { method: 'HEAD' })).headers['content-length']).toBe('5');
  const empty = await guest.get('/empty');
  expect(empty).toMatchObject({ status: 204, text: '' });
  expect(empty.headers['content-type']).toBe(undefined);
});

test.each([
  [`new Response('ü')`, 'text/plain;charset=UTF-8', '2', 'ü'],
  [`new Response('ü', { headers: { 'x-one': '1' } })`, 'text/plain;charset=UTF-8', '2', 'ü'],
  [`new Response('ü', { headers: new Headers({ a: 'b' }) })`, 'text/plain;charset=UTF-8', '2', 'ü'],
  [`new Response('ü', { headers: { 'Content-Type': 'a/b', 'Content-Length': '1' } })`, 'a/b', '2', 'ü'],
  [`Response.json({})`, 'application/json', '2', '{}'],
  [`new Response(Buffer.from('abc'))`, undefined, '3', 'abc'],
  [`new Response(Buffer.from('abc'), { headers: { 'x-one': '1' } })`, undefined, '3', 'abc'],
  [`new Response(new Blob(['abc']).stream())`, undefined, undefined, 'abc'],
  [
    `new Response(new URLSearchParams({ a: 'b' }))`,
    'application/x-www-form-urlencoded;charset=UTF-8',
    '3',
    'a=b',
  ],
  [`new Response(new Blob(['abc'], { type: 'image/png' }), { status: 200 })`, 'image/png', '3', 'abc'],
  [`new Response()`, undefined, '0', ''],
  [`Response.redirect('http://a.test/')`, undefined, '0', ''],
  [`fetch('data:text/css,a')`, 'text/css', undefined, 'a'],
])('answers as fetch has it, type and length: %s', async (made, type, length, text) => {
  const answer = await guest.get('/made', { method: 'POST', body: made });
  expect([answer.headers['content-type'], answer.headers['content-length']]).toEqual([type, length]);
  expect(answer.text).toBe(text);
});

test.each([
  [`new Response('x', { headers: new Headers({ a: 'b\x01' }) })`, 'Invalid character in header'],
  [`new Response('x', { status: 204 })`, 'Invalid response status code 204'],
  [`(() => { const made = new Response('x'); made.text(); return made; })()`, 'locked'],
  [`({ status: 200, headers: {}, body: 'x' })`, 'is a stream'],
])('answers 500 to what cannot be sent, and serves on: %s', async (made, why) => {
  const { status, text } = await guest.get('/made', { method: 'POST', body: made });
  expect(status).toBe(500);
  expect(JSON.parse(text).detail).toContain(why);
});

test('has all ways to read a request', async () => {
  expect((await guest.get('/bytes', { method: 'POST', body: 'abc' })).text).toBe('abc');
});

test('keeps fields that come more than once apart, and redirects', async () => {
  const { headers } = await guest.get('/cookies');
  expect(headers).toMatchObject({ 'set-cookie': ['a=1; Path=/', 'b=2'], 'x-one': '1' });
  expect(await guest.get('/redirect')).toMatchObject({
    status: 303,
    headers: { location: 'http://app.test/next' },
  });
});

test('shows the address that the visitor asked for', async () => {
  const headers = { host: 'shop.example:8090', 'x-forwarded-for': '192.0.2.7' };
  const [url, forwarded, names] = JSON.parse((await guest.get('/url?a=%20b', { headers })).text);
  expect([url, forwarded]).toEqual(['http://shop.example:8090/url?a=%20b', '192.0.2.7']);
  expect(names).toContain('host');
});

test('shows the scheme that the visitor used, as the edge tells it', async () => {
  const urlWith = async (headers: Record<string, string>) =>
    JSON.parse(
      (await guest.get('/url?q', { headers: { 'x-forwarded-proto': 'https', ...headers } })).text,
    )[0];
  expect(await urlWith({ host: 'shop.example' })).toBe('https://shop.example/url?q');
  expect(await urlWith({ host: '[::1]:8090' })).toBe('https://[::1]:8090/url?q');
  expect(await urlWith({ 'x-forwarded-proto': 'http' })).toBe('http://app.test/url?q');
  const odd = await guest.get('/url', { headers: { host: 'a@b', 'x-forwarded-proto': 'https' } });
  expect(odd.status).toBe(400);
});

test.each([
  ['/throws', 'RangeError: on purpose', 'app.mjs'],
  ['/rejects', '[object Object]', 'odd: true'],
  ['/nothing', 'fetch returned undefined where a Response is due', 'undefined'],
  ['/number', 'fetch returned a value of type number', 'number'],
  ['/not-there', 'is not a function', 'app.mjs'],
])('answers 500 where the handler fails (%s), and writes down why', async (path, detail, written) => {
  const { status, headers, text } = await guest.get(path);
  expect(status).toBe(500);
  expect(headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(text)).toMatchObject({
    type: 'urn:tabbify:problem:app_error',
    code: 'app_error',
    status: 500,
    detail: expect.stringContaining(detail),
    hint: expect.stringContaining('tabbify logs'),
  });
  await guest.writing(written);
});

test('answers 400 to an address that is none', async () => {
  expect((await guest.get('/url', { headers: { host: 'a b' } })).status).toBe(400);
});

test('sends each event as it is written, and tells the app when the listener goes', async () => {
  const { request, chunks } = await answerTo('/events');
  expect(String((await chunks.next()).value)).toBe('data: 0\n\n');
  expect(String((await chunks.next()).value)).toBe('data: 1\n\n');
  request.destroy();
  await until('/seen', (seen) => seen.includes('cancelled') && seen.includes('aborted'));
});

test('fires the signal of a request whose client goes before it is answered', async () => {
  const request = guest.open({ path: '/waits' });
  request.on('error', () => {});
  request.end();
  await until('/seen', (seen) => seen.includes('waiting'));
  request.destroy();
  await until('/seen', (seen) => seen.includes('gone: '));
});

test('pulls no more of a stream than the client takes', async () => {
  const { request, answer } = await answerTo('/pulled');
  answer.pause();
  const rests = async (): Promise<number> => {
    const before = (await guest.get('/pulled-so-far')).text;
    await new Promise((done) => setTimeout(done, 100));
    return (await guest.get('/pulled-so-far')).text === before ? Number(before) : rests();
  };
  expect(await rests()).toBeLessThan(64); // 4 MiB
  request.destroy();
});

test('takes no more of a body than the app reads', async () => {
  const request = guest.open({ path: '/waits', method: 'POST' });
  request.on('error', () => {});
  const chunk = Buffer.alloc(1 << 20);
  let unsent = -1;
  for (let n = 0; n < 32; n++) request.write(chunk);
  while (request.writableLength !== unsent) {
    unsent = request.writableLength;
    await new Promise((done) => setTimeout(done, 100));
  }
  expect(unsent).toBeGreaterThan(16 << 20);
  request.destroy();
});

test('breaks the connection of an answer whose stream fails, and writes down why', async () => {
  const { answer, chunks } = await answerTo('/breaks');
  expect(String((await chunks.next()).value)).toBe('begun');
  const broken = expect(chunks.next()).rejects.toThrow();
  await guest.get('/break-off');
  await broken;
  expect(answer.complete).toBe(false);
  await guest.writing('in the middle');
});

test('knows what fetch answers as a Response, and fetches a Request', async () => {
  expect(JSON.parse((await guest.get('/instances')).text)).toEqual([true, true, true, false, 'as-request']);
});

test('can pass on what came, and can put another class in place', async () => {
  const passedOn = JSON.parse((await guest.get('/passed-on', { headers: { 'x-a': '1' } })).text);
  expect(passedOn).toEqual(['1', '1', '1', 'GET', '1', '1']);
  const replaced = JSON.parse((await guest.get('/replaced')).text);
  expect(replaced).toEqual([true, 'Request', 'Response', true, false]);
});

test('gives the handler a context, and writes down what fails in the background', async () => {
  expect((await guest.get('/context')).text).toBe('ok');
  await guest.writing('in the background');
});
