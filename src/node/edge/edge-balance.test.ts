import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Endpoint, httpEndpoint } from '../../kit/index.ts';
import { nodeError } from '../errors.ts';
import { withRetryAfter } from '../retry-after.ts';
import type { EdgePlace } from './app-directory.ts';
import { type EdgeFixture, PUBLIC_APP, startEdge } from './testing/edge-fixture.ts';

const PATIENT = { timeout: 10_000 };

let fixture: EdgeFixture;
const hosts = new Map<string, { readonly server: Server; readonly endpoint: Endpoint }>();
/** What a host answers when it is asked to wake the app; default: where its server is. */
const refusing = new Map<string, Error>();

beforeEach(async () => {
  fixture = await startEdge((_request, response) => response.end());
});
afterEach(async () => {
  await fixture.close();
  for (const { server } of hosts.values()) close(server);
  hosts.clear();
  refusing.clear();
});

/** Places with a server each that says its name. */
async function openHosts(
  names: readonly string[],
  answer?: (name: string) => RequestListener,
): Promise<void> {
  for (const name of names) {
    const server = createServer(answer?.(name) ?? ((_request, response) => response.end(name)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    hosts.set(name, { server, endpoint: httpEndpoint('127.0.0.1', (server.address() as AddressInfo).port) });
  }
  fixture.places = names.map(awake);
  fixture.wakeWith = async (place) => {
    const refusal = refusing.get(place);
    if (refusal !== undefined) throw refusal;
    return { endpoint: hosts.get(place)!.endpoint, runnerKey: '', generation: 1 };
  };
}

const awake = (name: string): EdgePlace => ({ name, awake: true });
const asleep = (name: string): EdgePlace => ({ name, awake: false });

function close(server: Server): void {
  server.closeAllConnections();
  server.close();
}

async function send(method = 'GET', body = ''): Promise<string> {
  const answer = await fixture.raw(
    `${method} / HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\n` +
      `${body === '' ? '' : `Content-Length: ${body.length}\r\n`}\r\n${body}`,
  );
  const [head = '', text = ''] = answer.split('\r\n\r\n');
  return head.startsWith('HTTP/1.1 200') ? text.replace(/^\w+\r\n(.*)\r\n0$/s, '$1') : head;
}

/** Until every place is known: what answers first is used at once. */
async function visitAll(names: readonly string[]): Promise<void> {
  const seen = new Set<string>();
  await expect
    .poll(async () => {
      seen.add(await send());
      return [...seen].sort();
    }, PATIENT)
    .toEqual([...names].sort());
}

test('visitors one after the other go to the hosts in turn', async () => {
  await openHosts(['one', 'two', 'three']);
  await visitAll(['one', 'two', 'three']);
  const answers = [];
  for (let visit = 0; visit < 6; visit++) answers.push(await send());
  expect(answers.slice(0, 3).sort()).toEqual(['one', 'three', 'two']);
  expect(answers.slice(3)).toEqual(answers.slice(0, 3));
  expect(fixture.wakes.sort()).toEqual(['one', 'three', 'two']);
});

test('a host that is busy gets fewer visitors', async () => {
  const held: (() => void)[] = [];
  await openHosts(['slow', 'fast'], (name) => (request, response) => {
    if (name === 'slow' && request.url === '/held') held.push(() => response.end());
    else response.end(name);
  });
  await visitAll(['slow', 'fast']);
  const sockets = await Promise.all([fixture.open(), fixture.open()]);
  for (const socket of sockets) socket.write('GET /held HTTP/1.1\r\nHost: hello.localhost\r\n\r\n');
  await Promise.race(sockets.map((socket) => once(socket, 'data'))); // one went to each
  await expect.poll(() => held.length, PATIENT).toBe(1);
  for (let visit = 0; visit < 5; visit++) expect(await send()).toBe('fast');
  for (const release of held) release();
  await visitAll(['slow', 'fast']);
});

test.each([
  ['who left before the answer', ''],
  ['whose WebSocket has ended', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'],
])('a visitor %s counts no more', async (_, headers) => {
  let held = 0;
  await openHosts(['one', 'two'], (name) => (request, response) => {
    if (request.url === '/held') held += 1;
    else response.end(name);
  });
  for (const { server } of hosts.values()) {
    server.on('upgrade', (_request, socket) => {
      held += 1;
      socket.on('error', () => {}).on('end', () => socket.destroy());
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    });
  }
  await visitAll(['one', 'two']);
  const sockets = await Promise.all([fixture.open(), fixture.open(), fixture.open()]);
  for (const socket of sockets) {
    socket.resume().write(`GET /held HTTP/1.1\r\nHost: hello.localhost\r\n${headers}\r\n`);
  }
  await expect.poll(() => held, PATIENT).toBe(3); // two at one host, one at the other
  const answers = [];
  for (let visit = 0; visit < 4; visit++) answers.push(await send());
  expect(new Set(answers).size).toBe(1);
  for (const socket of sockets) socket.destroy();
  await visitAll(['one', 'two']);
});

test.each(['GET', 'POST'])(
  'where nothing listens any more is passed over, and no %s fails',
  async (method) => {
    await openHosts(['one', 'two', 'three']);
    await visitAll(['one', 'two', 'three']);
    for (const gone of ['one', 'three']) close(hosts.get(gone)!.server);
    const body = method === 'POST' ? 'payload' : '';
    for (let visit = 0; visit < 6; visit++) expect(await send(method, body)).toBe('two');
    expect(fixture.wakes).toHaveLength(3); // nobody was asked meanwhile
  },
);

test('a host that cannot start the app is passed over, and the first one’s word is told when none can', async () => {
  await openHosts(['one', 'two']);
  const no = (name: string, seconds: number) =>
    withRetryAfter(nodeError('app_not_ready', { what: `not at ${name}` }), seconds);
  refusing.set('one', no('one', 7));
  for (let visit = 0; visit < 4; visit++) expect(await send()).toBe('two');
  expect(fixture.wakes.sort()).toEqual(['one', 'two']);
  refusing.set('two', no('two', 9));
  fixture.edge.invalidate(PUBLIC_APP.id);
  const refusal = await send();
  expect(refusal).toMatch(/^HTTP\/1\.1 503 /);
  expect(refusal).toMatch(/Retry-After: 7/);
});

test('what sleeps everywhere is woken on the first host only, and on the next when that fails', async () => {
  await openHosts(['one', 'two', 'three']);
  fixture.places = ['one', 'two', 'three'].map(asleep);
  await Promise.all(Array.from({ length: 10 }, () => send()));
  expect(fixture.wakes).toEqual(['one']);
  refusing.set('one', nodeError('supervisor_away', { what: 'away' }));
  fixture.edge.invalidate(PUBLIC_APP.id);
  expect(await send()).toBe('two');
  expect(fixture.wakes).toEqual(['one', 'one', 'two']);
});

test('where it is awake is preferred to the first host', async () => {
  await openHosts(['one', 'two']);
  fixture.places = [asleep('one'), awake('two')];
  for (let visit = 0; visit < 3; visit++) expect(await send()).toBe('two');
  expect(fixture.wakes).toEqual(['two']);
});

test('a host that is left gets no visitor after that, and one that is new gets some', async () => {
  await openHosts(['one', 'two', 'three']);
  fixture.places = ['one', 'two'].map(awake);
  await visitAll(['one', 'two']);
  fixture.places = ['two', 'three'].map(awake);
  fixture.edge.invalidate(PUBLIC_APP.id);
  await visitAll(['two', 'three']);
  const answers = [];
  for (let visit = 0; visit < 4; visit++) answers.push(await send());
  expect(new Set(answers)).toEqual(new Set(['two', 'three']));
});

test('a request that broke its connection is sent once more at most, however many hosts there are', async () => {
  let requests = 0;
  await openHosts(['one', 'two', 'three', 'four'], () => (request) => {
    requests += 1;
    request.socket.destroy();
  });
  expect(await send()).toMatch(/^HTTP\/1\.1 502 /);
  expect(requests).toBe(2);
  expect(await send('POST', 'pay me')).toMatch(/^HTTP\/1\.1 502 /);
  expect(requests).toBe(3);
});
