import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  type CollectedSpan,
  type Collector,
  startCollector,
} from '../../../test/fixtures/collector/index.ts';
import { httpEndpoint, silentLogger } from '../../kit/index.ts';
import { parseTraceParent, SPAN_HEADER, TRACE_HEADER } from '../../runner/index.ts';
import { type EdgeFixture, PRIVATE_APP, PUBLIC_APP, startEdge } from '../edge/testing/edge-fixture.ts';
import { nodeError } from '../errors.ts';
import { openTracing } from './open-tracing.ts';
import type { TracingSettings } from './settings.ts';
import type { Tracing } from './tracing.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const VISITOR = '00f067aa0ba902b7';
const RUNNER_SPAN = 'aaaaaaaaaaaaaaaa';

let collector: Collector;
let fixture: EdgeFixture;
let tracing: Tracing;
beforeEach(async () => {
  collector = await startCollector();
});
afterEach(async () => {
  await fixture.close();
  await tracing.close();
  await collector[Symbol.asyncDispose]();
});

type App = (request: IncomingMessage, response: ServerResponse) => void;

async function start(app: App, sampler: TracingSettings['sampler'] = 'parentbased_always_on') {
  const url = `${collector.url}/v1/traces`;
  tracing = openTracing({ url, sampler, ratio: 1, tls: {} }, silentLogger());
  fixture = await startEdge(app, { tracing });
}

/** Answers as a runner does that takes part in the trace. */
const likeARunner: App = (request, response) => {
  const beganUs = Math.round((performance.timeOrigin + performance.now()) * 1000);
  if (request.headers[TRACE_HEADER] !== undefined) {
    response.setHeader(SPAN_HEADER, `${RUNNER_SPAN};${beganUs};20;7;4242`);
  }
  response.end(JSON.stringify(request.headers));
};

const send = (more = '', line = 'GET /some/secret?key=1') =>
  fixture.raw(`${line} HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\n${more}\r\n`);

/** What the collector has after all was sent. */
async function spans(count: number): Promise<readonly CollectedSpan[]> {
  await tracing.close();
  expect(collector.spans).toHaveLength(count);
  return collector.spans;
}

const one = (all: readonly CollectedSpan[], wanted: (span: CollectedSpan) => boolean): CollectedSpan => {
  const found = all.filter(wanted);
  expect(found).toHaveLength(1);
  return found[0]!;
};

test('a visit is one trace: the visitor, the edge, the wake, the passage, the runner', async () => {
  await start(likeARunner);
  const answer = await send(`traceparent: 00-${TRACE}-${VISITOR}-01\r\ntracestate: vendor=x\r\n`);
  expect(answer).not.toContain(SPAN_HEADER);
  const all = await spans(4);
  expect(new Set(all.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
  const server = one(all, ({ parentSpanId }) => parentSpanId === VISITOR);
  const wake = one(all, ({ name }) => name === 'wake');
  const client = one(all, ({ kind }) => kind === 3);
  const runner = one(all, ({ spanId }) => spanId === RUNNER_SPAN);
  expect([server.scope, runner.scope]).toEqual(['tabbify.edge', 'tabbify.runner']);
  expect([server.kind, wake.kind, runner.kind]).toEqual([2, 1, 2]);
  expect([wake.parentSpanId, client.parentSpanId]).toEqual([server.spanId, server.spanId]);
  expect(runner.parentSpanId).toBe(client.spanId);
  expect(server.traceState).toBe('vendor=x');
  expect(server.name).toBe('GET /{*rest}');
  expect(server.attributes).toMatchObject({
    'http.request.method': 'GET',
    'http.route': '/{*rest}',
    'http.response.status_code': 200,
    'tabbify.app.id': PUBLIC_APP.id,
    'tabbify.app.name': 'hello',
    'tabbify.office': 'default',
    'tabbify.app.version': 7,
  });
  expect(server.resource['service.name']).toBe('tabbify');
  expect(runner.events).toEqual(['head']);
  expect(runner.attributes).toMatchObject({ 'process.pid': 4242, 'http.response.status_code': 200 });
  expect(all.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
  for (const [outer, inner] of [
    [server, wake],
    [server, client],
    [client, runner],
  ] as const) {
    expect(inner.beganMs).toBeGreaterThanOrEqual(outer.beganMs);
    expect(inner.endMs).toBeLessThanOrEqual(outer.endMs);
  }
  // where a visitor went in an app is the app's affair
  expect(JSON.stringify(all)).not.toMatch(/secret|127\.0\.0\.1/);
  // the app gets our span, and nothing of the platform's own
  const seen = JSON.parse(answer.split('\r\n\r\n')[1]!) as IncomingMessage['headers'];
  expect(seen.traceparent).toBe(`00-${TRACE}-${client.spanId}-01`);
  expect(seen.tracestate).toBe('vendor=x');
});

test('without tracing the visitor’s headers go to the app as they came, and nothing is asked of the runner', async () => {
  await start(likeARunner);
  await fixture.close();
  fixture = await startEdge(likeARunner);
  const answer = await send(`traceparent: whatever\r\ntracestate: vendor=x\r\n`);
  expect(answer).toContain('"traceparent":"whatever","tracestate":"vendor=x"');
  expect(answer).not.toContain(TRACE_HEADER);
  await spans(0);
  expect(collector.deliveries).toEqual([]);
});

test.each([
  ['none', ''],
  ['a malformed one', `traceparent: 00-${TRACE.toUpperCase()}-${VISITOR}-01\r\ntracestate: vendor=x\r\n`],
  ['two', `traceparent: 00-${TRACE}-${VISITOR}-01\r\ntraceparent: 00-${TRACE}-${VISITOR}-01\r\n`],
  ['an id of zeros', `traceparent: 00-${'0'.repeat(32)}-${VISITOR}-01\r\n`],
])('with %s from the visitor a trace begins at the edge', async (_, header) => {
  await start(likeARunner);
  const answer = await send(header);
  const server = one(await spans(4), ({ name }) => name.startsWith('GET /'));
  expect(server.parentSpanId).toBeUndefined();
  expect(server.traceId).not.toBe(TRACE);
  expect(server.traceState).toBeUndefined();
  expect(answer).toContain(server.traceId);
  expect(answer).not.toContain('vendor=x');
});

test('a visitor whose trace is not recorded is not recorded here, and the app is told', async () => {
  await start(likeARunner);
  const answer = await send(`traceparent: 00-${TRACE}-${VISITOR}-00\r\n`);
  expect(answer).toMatch(new RegExp(`00-${TRACE}-[0-9a-f]{16}-00`));
  expect(answer).not.toContain(TRACE_HEADER);
  await spans(0);
  expect(collector.deliveries).toEqual([]);
});

test('the sampler decides about traces that begin here', async () => {
  await start(likeARunner, 'always_off');
  expect(await send(`traceparent: 00-${TRACE}-${VISITOR}-01\r\n`)).toMatch(/"00-4bf92f.*-00"/);
  await spans(0);
});

test('a stream and a WebSocket are under way until they end', async () => {
  const open: ServerResponse[] = [];
  await start((request, response) => {
    if (request.headers[TRACE_HEADER] !== undefined) {
      const now = Math.round((performance.timeOrigin + performance.now()) * 1000);
      response.setHeader(SPAN_HEADER, `${RUNNER_SPAN};${now};20;7;4242`);
    }
    response.write('begun');
    open.push(response);
  });
  await fixture.raw('GET / HTTP/1.1\r\nHost: hello.localhost\r\n\r\n', /begun/); // leaves early
  const left = Date.now();
  const stream = send();
  await expect.poll(() => open.length).toBe(2);
  const begunMs = performance.timeOrigin + performance.now();
  open[1]!.end();
  await stream;
  const sockets = new WebSocketServer({ server: fixture.upstream, path: '/ws' });
  const seen = once(sockets, 'connection');
  const socket = new WebSocket(`ws://127.0.0.1:${fixture.port}/ws`, {
    headers: { host: 'hello.localhost', traceparent: `00-${TRACE}-${VISITOR}-01` },
  });
  await once(socket, 'open');
  const [, request] = (await seen) as [unknown, IncomingMessage];
  const openedMs = performance.timeOrigin + performance.now();
  expect(parseTraceParent(request.headers.traceparent as string)?.traceId).toBe(TRACE);
  socket.close();
  await once(socket, 'close');
  sockets.close();
  await fixture.close();
  const all = await spans(9);
  const upgraded = all.filter(({ traceId }) => traceId === TRACE);
  expect(upgraded.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([101, 101]);
  for (const { endMs, status } of upgraded) {
    expect(endMs).toBeGreaterThan(openedMs);
    expect(status).toBe(0);
  }
  const gone = one(all, ({ attributes }) => attributes['tabbify.visitor_left'] === true);
  expect(gone.beganMs).toBeLessThan(left);
  expect(gone.status).toBe(0);
  const whole = one(
    all,
    ({ name, traceId, attributes }) =>
      name.startsWith('GET /') && traceId !== TRACE && attributes['tabbify.visitor_left'] === undefined,
  );
  const ofIt = all.filter(({ traceId }) => traceId === whole.traceId);
  expect(ofIt.map(({ kind }) => kind).sort()).toEqual([2, 2, 3]);
  for (const { endMs } of ofIt) expect(endMs).toBeGreaterThan(begunMs);
});

test('what goes wrong is told by a code, never by a message', async () => {
  await start((_request, response) => response.socket?.destroy());
  await send(); // broken twice: GET is sent again
  fixture.wakeWith = () => Promise.reject(nodeError('app_not_ready', { what: 'canary' }));
  fixture.edge.invalidate(PUBLIC_APP.id);
  await send();
  fixture.edge.invalidate(PUBLIC_APP.id);
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  fixture.wakeWith = async () => ({
    endpoint: httpEndpoint('127.0.0.1', port),
    runnerKey: '',
    generation: 9,
  });
  await send();
  await tracing.close();
  const servers = collector.spans.filter(({ kind }) => kind === 2);
  const told = servers.map(({ attributes, status }) => [
    attributes['http.response.status_code'],
    attributes['error.type'],
    status,
  ]);
  expect(told).toEqual([
    [502, 'app_unreachable', 2],
    [503, 'app_not_ready', 2],
    [502, 'app_unreachable', 2],
  ]);
  const clients = collector.spans.filter(({ kind }) => kind === 3);
  expect(clients.map(({ attributes }) => attributes['error.type'])).toEqual([
    'UND_ERR_SOCKET',
    'UND_ERR_SOCKET',
    'ECONNREFUSED',
    'ECONNREFUSED',
  ]);
  expect(clients.map(({ attributes }) => attributes['http.request.resend_count'])).toEqual([
    undefined,
    1,
    undefined,
    1,
  ]);
  expect(JSON.stringify(collector.spans)).not.toContain('canary');
});

test('who is not let in is an answer of the edge, and no fault of its', async () => {
  await start(likeARunner);
  await fixture.raw(
    `PROPFIND /app/${PRIVATE_APP.id}/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
  );
  const [server] = await spans(1);
  expect(server).toMatchObject({ name: 'HTTP /app/{uuid}/{*rest}', status: 0 });
  expect(server!.attributes).toMatchObject({
    'http.request.method': '_OTHER',
    'http.response.status_code': 401,
    'error.type': 'credential_missing',
    'tabbify.app.id': PRIVATE_APP.id,
  });
});

test.each([['never'], [503], ['gone']] as const)(
  'visits do not notice a collector that answers %s, and closing does not wait for it',
  async (answers) => {
    await start(likeARunner);
    if (answers === 'gone') await collector[Symbol.asyncDispose]();
    else collector.answers = answers;
    for (let i = 0; i < 200; i++) expect(await send()).toMatch(/^HTTP\/1\.1 200 /);
    const begun = performance.now();
    await tracing.close();
    expect(performance.now() - begun).toBeLessThan(5_000);
    // the process can end: nothing is open any more
    if (answers === 'never') await expect.poll(() => collector.connections()).toBe(0);
  },
);
