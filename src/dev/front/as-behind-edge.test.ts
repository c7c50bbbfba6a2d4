import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { asBehindEdge } from './as-behind-edge.ts';

/** What a request says that has been asked with these headers. */
async function asked(headers: Readonly<Record<string, string | string[]>>, body: string) {
  const { promise, resolve } = Promise.withResolvers<IncomingHttpHeaders>();
  const server = createServer((incoming, response) => {
    asBehindEdge(incoming);
    resolve(incoming.headers);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const call = request({ port, host: '127.0.0.1', method: 'POST', headers, agent: false }).end(body);
  const [answer] = await once(call, 'response');
  answer.resume();
  const [given] = await Promise.all([promise, once(answer, 'end')]);
  await new Promise((done) => server.close(done));
  return given;
}

test.each([
  [{ 'content-length': '4' }, { 'content-length': '4' }],
  [{ 'transfer-encoding': 'chunked' }, { 'transfer-encoding': 'chunked' }],
])('a request with the framing %o keeps it, however few its own headers were', async (headers, framing) => {
  expect(await asked(headers, 'body')).toMatchObject({ ...framing, 'x-forwarded-proto': 'http' });
});

test('what came more than once is joined, and what a visitor may not say is replaced', async () => {
  const given = await asked({ 'x-many': ['a', 'b'], cookie: 'c=1', 'x-forwarded-for': '8.8.8.8' }, '');
  expect(given).toMatchObject({ 'x-many': 'a, b', cookie: 'c=1', 'x-forwarded-for': '127.0.0.1' });
});

test('what a browser has for an office on this machine goes to no app under development', async () => {
  const cookie = 'a=1; __Host-tabbify=canary; __host-tabbify-app=canary; b=2';
  const given = await asked({ cookie, 'tabbify-caller': 'app:canary', 'tabbify-app-call': 'canary' }, '');
  expect([given.cookie, JSON.stringify(given).includes('canary')]).toEqual(['a=1; b=2', false]);
});
