import type { IncomingMessage } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import {
  type EdgeFixture,
  OFFICE_TOKEN,
  PRIVATE_APP,
  PUBLIC_APP,
  RUNNER_KEY,
  startEdge,
} from './testing/edge-fixture.ts';

let fixture: EdgeFixture;
afterEach(() => fixture.close());

const seen: IncomingMessage[] = [];
const echo = async (options: Parameters<typeof startEdge>[1] = {}) => {
  seen.length = 0;
  fixture = await startEdge((request, response) => {
    seen.push(request);
    response.end('ok');
  }, options);
};
const send = (path: string, ...headers: string[]) =>
  fixture.raw([`GET ${path} HTTP/1.1`, ...headers, 'Connection: close', '', ''].join('\r\n'));
const local = () => `Host: localhost:${fixture.port}`;

test('an app on its own host sees its own paths, the forwarding headers and nothing the visitor forged', async () => {
  await echo();
  const answer = await send(
    '/a/b?c=d',
    'Host: hello.localhost',
    'X-Forwarded-For: 6.6.6.6',
    'X-Forwarded-Host: evil',
    'X-Forwarded-Prefix: /evil',
    'Forwarded: for=6.6.6.6',
    'Tabbify-Runner-Key: forged',
    'Tabbify-Schedule: forged',
    'Accept-Language: de',
  );
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(seen[0]?.url).toBe('/a/b?c=d');
  expect(seen[0]?.headersDistinct).toMatchObject({
    host: ['hello.localhost'],
    'x-forwarded-for': ['127.0.0.1'],
    'x-forwarded-proto': ['http'],
    'x-forwarded-host': ['hello.localhost'],
    'tabbify-runner-key': [RUNNER_KEY],
    'accept-language': ['de'],
  });
  for (const name of ['x-forwarded-prefix', 'forwarded', 'tabbify-schedule']) {
    expect(seen[0]?.headers[name]).toBeUndefined();
  }
});

test.each([
  ['', '/'],
  ['/', '/'],
  ['/x/y?z=1', '/x/y?z=1'],
  ['?z=1', '/?z=1'],
  ['//double', '//double'],
])('the path mount strips its prefix from "%s"', async (rest, target) => {
  await echo();
  await send(`/app/${PUBLIC_APP.id}${rest}`, local());
  expect(seen[0]?.url).toBe(target);
  expect(seen[0]?.headers['x-forwarded-prefix']).toBe(`/app/${PUBLIC_APP.id}`);
});

test('hop-by-hop headers stay on their hop, also those that Connection names', async () => {
  await echo();
  await fixture.raw(
    'GET / HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close, X-Secret-Hop, X-Forwarded-For\r\n' +
      'X-Secret-Hop: 1\r\nKeep-Alive: 300\r\nTE: trailers\r\nProxy-Authorization: Basic eA==\r\nX-Stays: 1\r\n\r\n',
  );
  const headers = seen[0]?.headers ?? {};
  for (const name of ['x-secret-hop', 'keep-alive', 'te', 'proxy-authorization']) {
    expect(headers[name]).toBeUndefined();
  }
  expect(headers).toMatchObject({ 'x-stays': '1', 'x-forwarded-for': '127.0.0.1' });
});

test('the credential of the office never reaches an app, an app’s own does', async () => {
  await echo();
  const mine = 'Authorization: Basic bXk6b3du';
  const cookie = 'Cookie: a=1; __Host-tabbify=canary; __host-tabbify-x=canary; b=2';
  await send('/', 'Host: hello.localhost', `Authorization: ${OFFICE_TOKEN}`, cookie);
  await send('/', 'Host: hello.localhost', mine, 'Cookie: __Host-tabbify=canary');
  await send('/', 'Host: diary.localhost', `Authorization: ${OFFICE_TOKEN}`, mine);
  expect(seen.map((each) => [each.headers.authorization, each.headers.cookie])).toEqual([
    [undefined, 'a=1; b=2'],
    ['Basic bXk6b3du', undefined],
    ['Basic bXk6b3du', undefined],
  ]);
  expect(JSON.stringify(seen.map((each) => each.rawHeaders))).not.toContain('canary');
  expect(JSON.stringify(seen.map((each) => each.rawHeaders))).not.toContain('tbf_');
});

test('a private app answers a credential only, and tells a browser how it opens', async () => {
  await echo();
  const page = await send('/', 'Host: diary.localhost', 'Accept: text/html');
  expect(page).toMatch(/^HTTP\/1\.1 401 /);
  expect(page).toContain('text/html');
  expect(page).toContain('diary&#39; is private');
  expect(page).toContain('tabbify login');
  const api = await send(`/app/${PRIVATE_APP.id}/`, local(), 'Authorization: Bearer tbf_wrong');
  expect(api).toMatch(/^HTTP\/1\.1 401 /);
  expect(api).toMatch(/WWW-Authenticate: Bearer/i);
  expect(api).toContain('application/problem+json');
  expect(api).toContain('"code":"credential_missing"');
  expect(seen).toHaveLength(0);
});

test.each([
  ['attacker.example', 421],
  ['localhost.attacker.example', 421],
  ['a.b.localhost', 404],
  ['a.b.c.localhost', 421],
  ['hello.default.localhost', 421],
  ['.localhost', 421],
  ['hello..localhost', 421],
  ['localhost:1', 421],
  ['', 421],
  ['nobody.localhost', 404],
  ['localhost', 200],
  ['127.0.0.1', 200],
])('a request for the host "%s" is answered %i', async (host, status) => {
  await echo();
  expect(await send('/health', `Host: ${host}`)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});

test('the path mount is checked against the same list of hosts', async () => {
  await echo();
  expect(await send(`/app/${PUBLIC_APP.id}/`, 'Host: attacker.example')).toMatch(/^HTTP\/1\.1 421 /);
  expect(seen).toHaveLength(0);
});

test.each([
  ['/app/', 400],
  ['/app/nonsense', 400],
  [`/app/${PUBLIC_APP.id}x`, 400],
  ['/app/00000000-0000-7000-8000-000000000000/', 404],
])('%s is answered %i', async (path, status) => {
  await echo();
  expect(await send(path, local())).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});

test.each([
  '/_tabbify/events',
  '/_tabbify',
  '/_TABBIFY/events',
  '//_tabbify/events',
  '/./_tabbify/x',
  '/x/../_tabbify/events',
  '/%5ftabbify/events',
  '/%255ftabbify/events',
  '/\\_tabbify/events',
  '/x%2f..%2f_tabbify/events',
])('nobody outside reaches %s of an app', async (path) => {
  await echo();
  expect(await send(path, 'Host: hello.localhost')).toMatch(/^HTTP\/1\.1 404 /);
  expect(await send(`/app/${PUBLIC_APP.id}${path}`, local())).toMatch(/^HTTP\/1\.1 404 /);
  expect(seen).toHaveLength(0);
});

test.each(['/tabbify', '/a/_tabbify/x', '/_tabbifyx', '/a%20b', '/.well-known/x'])(
  'an app keeps %s',
  async (path) => {
    await echo();
    expect(await send(path, 'Host: hello.localhost')).toMatch(/^HTTP\/1\.1 200 /);
  },
);

test('a browser that opens the path mount is sent to the app’s own host', async () => {
  await echo();
  const navigation = 'Sec-Fetch-Mode: navigate';
  const answer = await send(`/app/${PUBLIC_APP.id}/x?y=1`, local(), navigation);
  expect(answer).toMatch(/^HTTP\/1\.1 307 /);
  expect(answer).toContain(`Location: http://hello.localhost:${fixture.port}/x?y=1\r\n`);
  expect(answer).toContain('sandbox allow-scripts allow-forms');
  expect(await send('/', 'Host: hello.localhost', navigation)).toMatch(/^HTTP\/1\.1 200 /);
});

test('behind a public URL the redirect and the scheme follow it', async () => {
  await echo({ domain: 'apps.example.com', publicUrl: 'https://apps.example.com' });
  const host = 'Host: apps.example.com';
  const answer = await send(`/app/${PUBLIC_APP.id}/x`, host, 'Sec-Fetch-Mode: navigate');
  expect(answer).toContain('Location: https://hello.apps.example.com/x\r\n');
  await send('/', 'Host: hello.apps.example.com');
  expect(seen[0]?.headers['x-forwarded-proto']).toBe('https');
});

test('requests that two parsers could read differently are refused', async () => {
  await echo();
  const smuggled = 'POST / HTTP/1.1\r\nHost: hello.localhost\r\n';
  for (const rest of [
    'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n',
    'Content-Length: +4\r\n\r\nabcd',
    'X: a\r\n bad-folding: 1\r\nContent-Length : 4\r\n\r\nabcd',
  ]) {
    expect(await fixture.raw(smuggled + rest)).toMatch(/^HTTP\/1\.1 400 /);
  }
  const older = 'POST / HTTP/1.0\r\nHost: hello.localhost\r\nConnection: keep-alive\r\n';
  const behind = `${older}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${older}Content-Length: 0\r\n\r\n`;
  expect(await fixture.raw(behind)).toMatch(/^HTTP\/1\.1 400 .*\r\n\r\n$/s);
  expect(await send('/', 'Host: hello.localhost', 'Host: localhost')).toMatch(/^HTTP\/1\.1 4(00|21) /);
  expect(
    await fixture.raw(
      'GET http://hello.localhost/ HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\n\r\n',
    ),
  ).toMatch(/^HTTP\/1\.1 400 /);
  expect(seen).toHaveLength(0);
});
