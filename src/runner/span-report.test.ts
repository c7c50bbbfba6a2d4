import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { reachOf } from '../kit/index.ts';
import { type AppServer, serveApp } from './app-server.ts';
import { RUNNER_KEY_HEADER } from './protocol.ts';
import { parseSpanReport, SPAN_HEADER, TRACE_HEADER } from './span-report.ts';

const runnerKey = 'k'.repeat(43);
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const EDGE = `00-${TRACE}-00f067aa0ba902b7-01`;
const servers: AppServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close(0))));

async function ask(answer: (response: ServerResponse) => void, headers: Record<string, string | string[]>) {
  let seen: IncomingMessage | undefined;
  const serve = (incoming: IncomingMessage, response: ServerResponse) => {
    seen = incoming;
    answer(response);
  };
  const server = await serveApp({ runnerKey, version: 7, serve });
  servers.push(server);
  const asked = request(reachOf(server.endpoint).origin, {
    headers: { [RUNNER_KEY_HEADER]: runnerKey, ...headers },
    agent: false,
  }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  return { seen: seen!, response, told: response.headersDistinct[SPAN_HEADER] };
}

it.each<[string, (response: ServerResponse) => void]>([
  ['no head of its own', (response) => response.end('x')],
  ['headers set before', (response) => response.setHeader('x-a', '1').end('x')],
  ['an object', (response) => response.writeHead(200, { 'x-a': '1' }).end('x')],
  ['a flat list', (response) => response.writeHead(200, ['x-a', '1']).end('x')],
  ['a list of pairs', (response) => response.writeHead(200, [['x-a', '1']] as never).end('x')],
  ['a message and headers', (response) => response.writeHead(200, 'Fine', { 'x-a': '1' }).end('x')],
  ['a message alone', (response) => response.writeHead(200, 'Fine').end('x')],
  [
    'an interim answer first',
    (response) => void response.writeEarlyHints({ link: '</a>' }, () => response.end('x')),
  ],
])('tells of its span behind an answer with %s, and the app is inside it', async (kind, answer) => {
  const before = Date.now() * 1000;
  const { seen, response, told } = await ask(answer, { traceparent: EDGE, [TRACE_HEADER]: '1' });
  const report = parseSpanReport(told);
  expect(report).toMatchObject({ version: 7, pid: process.pid });
  expect(report!.spanId).not.toBe('00f067aa0ba902b7');
  expect(report!.beganUs).toBeGreaterThan(before - 5_000);
  expect(report!.headUs).toBeLessThan(10_000_000);
  const given = `00-${TRACE}-${report!.spanId}-01`;
  expect(seen.headers.traceparent).toBe(given);
  expect(seen.headersDistinct.traceparent).toEqual([given]);
  expect(seen.rawHeaders[seen.rawHeaders.indexOf('traceparent') + 1]).toBe(given);
  expect(JSON.stringify(seen.rawHeaders)).not.toContain(TRACE_HEADER);
  if (/headers|object|list/.test(kind)) expect(response.headers['x-a']).toBe('1');
  if (kind.includes('message')) expect(response.statusMessage).toBe('Fine');
});

it('is believed over an app that sends such a header too', async () => {
  const lie = 'bbbbbbbbbbbbbbbb;1;1;1;1';
  for (const headers of [{ [SPAN_HEADER]: lie }, [SPAN_HEADER, lie]]) {
    const { told } = await ask((response) => response.writeHead(200, headers).end(), {
      traceparent: EDGE,
      [TRACE_HEADER]: '1',
    });
    expect(parseSpanReport(told)).toMatchObject({ version: 7 });
  }
});

it.each<[string, Record<string, string | string[]>]>([
  ['nobody asks', { traceparent: EDGE }],
  ['there is no trace', { [TRACE_HEADER]: '1' }],
  ['the trace is malformed', { [TRACE_HEADER]: '1', traceparent: 'x' }],
])('says nothing and changes nothing where %s', async (_, headers) => {
  const { seen, told } = await ask((response) => response.end(), headers);
  expect(told).toBeUndefined();
  expect(seen.headers.traceparent).toBe(headers.traceparent);
});

it('takes no report that is none', () => {
  for (const text of [
    undefined,
    '',
    'x',
    'aaaaaaaaaaaaaaaa;1;1;1',
    'AAAAAAAAAAAAAAAA;1;1;1;1',
    'aaaaaaaaaaaaaaaa;-1;1;1;1',
  ]) {
    expect(parseSpanReport(text)).toBeNull();
  }
});
