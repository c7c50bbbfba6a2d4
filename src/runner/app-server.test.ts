import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { reachOf } from '../kit/index.ts';
import { bucketOf, LATENCY_BOUNDS_MS, PROBE_HEADER } from './app-figures.ts';
import { type AppServer, serveApp } from './app-server.ts';
import { RUNNER_KEY_HEADER } from './protocol.ts';

const runnerKey = 'k'.repeat(43);
const servers: AppServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close(0))));

/** Serves an app that gathers what reaches it. */
async function open(serve?: (request: IncomingMessage, response: ServerResponse) => void) {
  const reached: IncomingMessage[] = [];
  const server = await serveApp({
    runnerKey,
    version: 7,
    serve(incoming, response) {
      reached.push(incoming);
      if (serve === undefined) response.end('the app');
      else serve(incoming, response);
    },
  });
  servers.push(server);
  const { hostname, port } = new URL(reachOf(server.endpoint).origin);
  return { server, reached, hostname, port: Number(port) };
}

async function ask(port: number, path: string, headers: Record<string, string | string[]>) {
  const outgoing = request({ host: '127.0.0.1', port, path, headers, agent: false }).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}

it('listens on loopback alone', async () => {
  const { hostname } = await open();
  expect(hostname).toBe('127.0.0.1');
});

it.each<[string, Record<string, string | string[]>]>([
  ['no key', {}],
  ['a wrong key', { [RUNNER_KEY_HEADER]: 'x'.repeat(43) }],
  ['a key that only begins right', { [RUNNER_KEY_HEADER]: `${runnerKey}x` }],
  ['an empty key', { [RUNNER_KEY_HEADER]: '' }],
  ['the right key beside another', { [RUNNER_KEY_HEADER]: [runnerKey, 'other'] }],
])('answers 403 to %s, and the app hears nothing of it', async (_, headers) => {
  const { reached, port } = await open();
  const { status, body } = await ask(port, '/', headers);
  expect(status).toBe(403);
  expect(body).not.toContain('the app');
  expect(reached).toEqual([]);
});

it('lets the key’s bearer through, and takes every platform header off in all views', async () => {
  const { reached, port } = await open();
  const headers = { 'Tabbify-Runner-Key': runnerKey, 'Tabbify-Actor': 'canary', 'X-Kept': 'yes' };
  expect(await ask(port, '/path?q=1', headers)).toEqual({ status: 200, body: 'the app' });
  const [seen] = reached;
  const views = JSON.stringify([seen!.headers, seen!.headersDistinct, seen!.rawHeaders]);
  expect(views.toLowerCase()).not.toContain('tabbify-');
  expect(views).not.toContain('canary');
  expect(seen!.headers['x-kept']).toBe('yes');
  expect(seen!.rawHeaders).toContain('X-Kept');
});

it('lets through which app calls, in all views', async () => {
  const { reached, port } = await open();
  await ask(port, '/', { [RUNNER_KEY_HEADER]: runnerKey, 'Tabbify-Caller': 'app:x' });
  const [seen] = reached;
  expect([seen!.headers['tabbify-caller'], seen!.headersDistinct['tabbify-caller']]).toEqual([
    'app:x',
    ['app:x'],
  ]);
  expect(seen!.rawHeaders).toContain('Tabbify-Caller');
});

it('keeps the platform’s own paths from the app', async () => {
  const { reached, port } = await open();
  for (const path of ['/_tabbify/events', '/%5ftabbify/events', '//_tabbify/x']) {
    expect((await ask(port, path, { [RUNNER_KEY_HEADER]: runnerKey })).status).toBe(404);
  }
  expect(reached).toEqual([]);
});

it('lets a request under way finish when it closes, and takes no new one', async () => {
  const held: ServerResponse[] = [];
  const { server, port } = await open((_, response) => {
    response.write('begun ');
    held.push(response);
  });
  const answer = ask(port, '/', { [RUNNER_KEY_HEADER]: runnerKey });
  await expect.poll(() => held.length).toBe(1);
  const closed = server.close(10_000);
  const late = connect(port, '127.0.0.1');
  const [error] = await once(late, 'error').catch((thrown) => [thrown]);
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  held[0]!.end('and done');
  expect(await answer).toEqual({ status: 200, body: 'begun and done' });
  await closed;
});

it('breaks what outlasts the grace', async () => {
  let begun = false;
  const { server, port } = await open(() => {
    begun = true;
  });
  const answer = ask(port, '/', { [RUNNER_KEY_HEADER]: runnerKey });
  const outcome = expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' });
  await expect.poll(() => begun).toBe(true);
  await server.close(50);
  await outcome;
});

it('counts what the app answered by class and time, and neither probes nor what it refused itself', async () => {
  let status = 200;
  const { server, port } = await open((_, response) => {
    if (status === 0) response.socket?.destroy();
    else if (status === 204) response.writeHead(204).end();
    else {
      response.statusCode = status;
      response.end('x'); // writes the head by itself
    }
  });
  const key = { [RUNNER_KEY_HEADER]: runnerKey };
  for (status of [200, 204, 301, 404, 500, 503, 503]) await ask(port, '/', key);
  status = 0;
  await expect(ask(port, '/', key)).rejects.toThrow();
  status = 200;
  await ask(port, '/', { ...key, [PROBE_HEADER]: '1' });
  await ask(port, '/', {});
  await ask(port, '/_tabbify/events', key);
  const stats = server.stats();
  expect(stats).toMatchObject({
    http_requests: 8,
    http_2xx: 2,
    http_3xx: 1,
    http_4xx: 1,
    http_5xx: 3,
    http_broken: 1,
    http_open: 0,
    http_streams: 0,
  });
  const inBuckets = Object.entries(stats).filter(([name]) => name.startsWith('http_in_'));
  expect(inBuckets.reduce((sum, [, count]) => sum + count, 0)).toBe(7);
  expect(stats.http_ms).toBeGreaterThan(0);
});

it('takes the time to the head of an answer, however long its body goes on', async () => {
  let end = () => {};
  const { server, port } = await open((_, response) => {
    response.writeHead(200);
    response.write('begun');
    end = () => response.end();
  });
  const answer = ask(port, '/', { [RUNNER_KEY_HEADER]: runnerKey });
  await expect.poll(() => server.stats().http_streams).toBe(1);
  expect(server.stats()).toMatchObject({ http_requests: 1, http_2xx: 1, http_open: 1 });
  end();
  await answer;
  await expect.poll(() => server.stats().http_open).toBe(0);
  expect([0, 1, 1.01, 30_000, 30_001].map(bucketOf)).toEqual([0, 0, 1, 13, LATENCY_BOUNDS_MS.length]);
});
