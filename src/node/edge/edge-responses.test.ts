import type { RequestListener } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { httpEndpoint } from '../../kit/index.ts';
import { type EdgeFixture, PUBLIC_APP, startEdge } from './testing/edge-fixture.ts';

let fixture: EdgeFixture;
afterEach(() => fixture.close());

const get = (host: string, path = '/', method = 'GET') =>
  fixture.raw(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
const underPath = (rest = '/', method = 'GET') =>
  get(`localhost:${fixture.port}`, `/app/${PUBLIC_APP.id}${rest}`, method);

const originWide: RequestListener = (_request, response) => {
  response.writeHead(200, [
    ...['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Clear-Site-Data', '"*"', 'Service-Worker-Allowed', '/'],
    ...['Strict-Transport-Security', 'max-age=1', 'Refresh', '0; url=/', 'Report-To', '{}', 'NEL', '{}'],
    ...['Reporting-Endpoints', 'x="https://e.example"', 'X-Kept', 'yes', 'X-Content-Type-Options', 'off'],
    ...['Content-Security-Policy', "script-src 'self'; sandbox allow-same-origin; report-uri /r"],
    ...['Content-Security-Policy', 'sandbox allow-same-origin allow-scripts'],
    ...['Content-Type', 'image/svg+xml'],
  ]);
  response.end('<svg/>');
};

test('under the path mount an app speaks for itself, not for the office’s origin', async () => {
  fixture = await startEdge(originWide);
  const head = (await underPath()).split('\r\n\r\n', 1)[0] ?? '';
  expect(head).toMatch(/^HTTP\/1\.1 200 /);
  expect(head.toLowerCase()).not.toMatch(
    /set-cookie|clear-site|service-worker|strict-transport|refresh|report|nel:|same-origin/,
  );
  expect(head).toMatch(/x-kept: yes/i);
  expect(head.match(/x-content-type-options: .*/gi)).toEqual(['x-content-type-options: nosniff']);
  expect(head.match(/content-security-policy: .*/gi)).toEqual([
    "content-security-policy: script-src 'self'",
    'content-security-policy: sandbox allow-scripts allow-forms',
  ]);
});

test('on its own host an app keeps all that it says', async () => {
  fixture = await startEdge(originWide);
  const answer = await get('hello.localhost');
  expect(answer.match(/set-cookie: .*/gi)).toEqual(['set-cookie: a=1', 'set-cookie: b=2']);
  expect(answer).toMatch(/sandbox allow-same-origin/);
  expect(answer).not.toMatch(/nosniff/);
});

test('refusals under the path mount carry the fence too', async () => {
  fixture = await startEdge(originWide);
  fixture.wakeWith = async () => ({
    endpoint: httpEndpoint('127.0.0.1', 1),
    runnerKey: '',
    generation: 1,
  });
  const answer = await underPath();
  expect(answer).toMatch(/^HTTP\/1\.1 502 /);
  expect(answer).toMatch(/sandbox allow-scripts allow-forms/);
  expect(answer).toMatch(/nosniff/);
});

test('HEAD has the length and no body, 204 and 304 have neither', async () => {
  fixture = await startEdge((request, response) => {
    if (request.url === '/none') response.writeHead(204).end();
    else if (request.url === '/same') response.writeHead(304, { ETag: '"x"' }).end();
    else
      response.writeHead(200, { 'Content-Length': 5 }).end(request.method === 'HEAD' ? undefined : 'hello');
  });
  const head = await get('hello.localhost', '/', 'HEAD');
  expect(head).toMatch(/content-length: 5/i);
  expect(head.split('\r\n\r\n')[1]).toBe('');
  expect(await get('hello.localhost', '/none')).toMatch(/^HTTP\/1\.1 204 [\s\S]*\r\n\r\n$/);
  expect(await get('hello.localhost', '/same')).toMatch(/^HTTP\/1\.1 304 [\s\S]*etag: "x"[\s\S]*\r\n\r\n$/i);
});

test('hop-by-hop headers of the app end at the edge', async () => {
  fixture = await startEdge((_request, response) => {
    response.writeHead(200, {
      Connection: 'keep-alive, X-Hop',
      'X-Hop': '1',
      'X-Stays': '1',
      Trailer: 'X-T',
    });
    response.end('x');
  });
  const answer = await get('hello.localhost');
  expect(answer).not.toMatch(/x-hop: 1|trailer:/i);
  expect(answer).toMatch(/x-stays: 1/i);
});

test('an event stream’s head and each event arrive when they are sent', async () => {
  let push = (_text: string) => {};
  fixture = await startEdge((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.flushHeaders();
    push = (text) => response.write(text);
  });
  const socket = await fixture.open();
  socket.setEncoding('latin1');
  let received = '';
  const until = (pattern: RegExp) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (pattern.test(received)) resolve();
      };
      socket.on('data', (chunk) => {
        received += chunk;
        check();
      });
      check();
    });
  socket.write('GET / HTTP/1.1\r\nHost: hello.localhost\r\n\r\n');
  await until(/\r\n\r\n/);
  push('data: 1\n\n');
  await until(/data: 1\n\n/);
  push('data: 2\n\n');
  await until(/data: 2\n\n/);
  socket.destroy();
});
