import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { httpEndpoint } from '../../kit/index.ts';
import { nodeError } from '../errors.ts';
import { withRetryAfter } from '../retry-after.ts';
import { type EdgeFixture, PUBLIC_APP, startEdge } from './testing/edge-fixture.ts';

let fixture: EdgeFixture;
afterEach(() => fixture.close());

const send = (method = 'GET', body = '') =>
  fixture.raw(
    `${method} / HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\n` +
      `${body === '' ? '' : `Content-Length: ${body.length}\r\n`}\r\n${body}`,
  );

test('first requests that come together cause one wake, and later ones none', async () => {
  fixture = await startEdge((_request, response) => response.end('ok'));
  await Promise.all(Array.from({ length: 20 }, () => send()));
  await send();
  expect(fixture.wakes).toEqual([PUBLIC_APP.id]);
  fixture.edge.invalidate(PUBLIC_APP.id);
  await send();
  expect(fixture.wakes).toHaveLength(2);
});

test('a runner that went away is asked for again, and no request is lost', async () => {
  fixture = await startEdge((request, response) => request.pipe(response));
  const gone = createServer();
  gone.listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  for (const [method, body] of [
    ['GET', ''],
    ['POST', 'payload'],
  ] as const) {
    fixture.edge.invalidate(PUBLIC_APP.id);
    fixture.wakeWith = async () => {
      fixture.wakeWith = null;
      return { endpoint: httpEndpoint('127.0.0.1', port), runnerKey: '', generation: 0 };
    };
    const answer = await send(method, body);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain(body);
  }
});

test('a request that reached the app is not sent twice unless that is harmless', async () => {
  let requests = 0;
  fixture = await startEdge((request) => {
    requests += 1;
    request.socket.destroy();
  });
  expect(await send('POST', 'pay me')).toMatch(/^HTTP\/1\.1 502 /);
  expect(requests).toBe(1);
  expect(await send('GET')).toMatch(/^HTTP\/1\.1 502 /);
  expect(requests).toBe(3);
});

test('an app that cannot start is a 503 that says when to come back', async () => {
  fixture = await startEdge((_request, response) => response.end());
  fixture.wakeWith = () =>
    Promise.reject(withRetryAfter(nodeError('app_not_ready', { what: "'hello' cannot start" }), 7));
  const answer = await send();
  expect(answer).toMatch(/^HTTP\/1\.1 503 /);
  expect(answer).toMatch(/Retry-After: 7\r\n/);
  fixture.wakeWith = null;
  expect(await send()).toMatch(/^HTTP\/1\.1 200 /);
});

test('an answer that was asked for before the app moved is not remembered', async () => {
  fixture = await startEdge((_request, response) => response.end('ok'));
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  fixture.wakeWith = async () => {
    asked.resolve();
    await answer.promise;
    return { endpoint: fixture.endpoint, runnerKey: '', generation: 1 };
  };
  const first = send();
  await asked.promise;
  fixture.edge.invalidate(PUBLIC_APP.id);
  answer.resolve();
  expect(await first).toMatch(/^HTTP\/1\.1 200 /);
  fixture.wakeWith = null;
  await send();
  expect(fixture.wakes).toHaveLength(2);
});

test('who comes after the app moved does not get an answer that was asked for before, however late it is', async () => {
  const old = createServer((_request, response) => response.end('old'));
  old.listen(0, '127.0.0.1');
  await once(old, 'listening');
  try {
    fixture = await startEdge((_request, response) => response.end('new'));
    const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    fixture.wakeWith = async () => {
      fixture.wakeWith = null;
      asked.resolve();
      await answer.promise;
      const { port } = old.address() as AddressInfo;
      return { endpoint: httpEndpoint('127.0.0.1', port), runnerKey: '', generation: 1 };
    };
    const before = send();
    await asked.promise;
    fixture.edge.invalidate(PUBLIC_APP.id);
    expect(await send()).toContain('new');
    answer.resolve();
    expect(await before).toMatch(/^HTTP\/1\.1 200 /); // by either
    expect(await send()).toContain('new');
    expect(fixture.wakes).toHaveLength(2);
  } finally {
    old.closeAllConnections();
    old.close();
  }
});

test('a request whose connection broke does not share an answer that was asked for before that', async () => {
  const gone = createServer();
  gone.listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  const nowhere = { endpoint: httpEndpoint('127.0.0.1', port), runnerKey: '', generation: 1 };
  fixture = await startEdge((_request, response) => response.end('ok'));
  const asked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const answers = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let wakes = 0;
  fixture.wakeWith = async () => {
    const wake = wakes++;
    if (wake === 1) fixture.wakeWith = null;
    asked[wake]?.resolve();
    await answers[wake]?.promise;
    return nowhere;
  };
  const first = send('POST', 'payload');
  await asked[0]?.promise;
  fixture.edge.invalidate(PUBLIC_APP.id);
  const second = send('POST', 'payload');
  await asked[1]?.promise; // still on its way when the first finds nobody
  answers[0]?.resolve();
  expect(await first).toMatch(/^HTTP\/1\.1 200 /);
  answers[1]?.resolve();
  expect(await second).toMatch(/^HTTP\/1\.1 200 /);
});
