import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  AGENT_TOKEN,
  BAKERY_TOKEN,
  type EdgeFixture,
  OFFICE_TOKEN,
  OTHER_PRIVATE_APP,
  PRIVATE_APP,
  PUBLIC_APP,
  startEdge,
} from './testing/edge-fixture.ts';

let fixture: EdgeFixture;
afterEach(() => fixture.close());

/** What reached any app: a denied visit must leave nothing here. */
const canary: string[] = [];
const answers = async (options: Parameters<typeof startEdge>[1] = {}) => {
  canary.length = 0;
  fixture = await startEdge((request, response) => {
    canary.push(`${request.headers.host}${request.url}`);
    response.end('the app');
  }, options);
};
const send = (path: string, ...headers: string[]) =>
  fixture.raw([`GET ${path} HTTP/1.1`, ...headers, 'Connection: close', '', ''].join('\r\n'));
const local = () => `Host: localhost:${fixture.port}`;
const bearer = (token: string) => `Authorization: ${token}`;

/** Status and body, as far as they do not name what was asked for. */
const told = (answer: string, asked: string) => {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return `${head.split('\r\n')[0]} ${body}`.replaceAll(asked, '<asked>');
};

test('two offices have an app of one name, each at its own host', async () => {
  await answers();
  expect(await send('/', 'Host: diary.localhost', bearer(OFFICE_TOKEN))).toMatch(/^HTTP\/1\.1 200 /);
  expect(await send('/', 'Host: diary.bakery.localhost', bearer(BAKERY_TOKEN))).toMatch(/^HTTP\/1\.1 200 /);
  expect(fixture.wakes).toEqual([PRIVATE_APP.id, OTHER_PRIVATE_APP.id]);
  expect(canary).toEqual(['diary.localhost/', 'diary.bakery.localhost/']);
});

test('a credential opens private apps of its own office, and is told nothing of those of another', async () => {
  await answers();
  const unknown = '0191e7c2-0000-7000-8000-0000000000ff';
  for (const [path, host, asked] of [
    ['/x', 'diary.localhost', 'diary'],
    [`/app/${PRIVATE_APP.id}/x`, `localhost:${fixture.port}`, PRIVATE_APP.id],
  ] as const) {
    const foreign = await send(path, `Host: ${host}`, bearer(BAKERY_TOKEN));
    const nothing = await send(
      path.replace(asked, unknown),
      `Host: ${host.replace(asked, 'nothing')}`,
      bearer(BAKERY_TOKEN),
    );
    expect(foreign).toMatch(/^HTTP\/1\.1 404 /);
    expect(told(foreign, asked)).toBe(told(nothing, path === '/x' ? 'nothing' : unknown));
    if (path !== '/x') expect(foreign).not.toContain(PRIVATE_APP.slug);
  }
  expect(canary).toEqual([]);
  expect(fixture.wakes).toEqual([]);
  expect(fixture.refused.map(({ principal, code }) => [principal?.name, code])).toEqual([
    ['viewer', 'app_unknown'],
    ['viewer', 'app_unknown'],
  ]);
});

test('an owner of the first office opens the apps of all', async () => {
  await answers();
  const host = 'Host: diary.bakery.localhost';
  expect(await send('/', host, bearer(OFFICE_TOKEN))).toMatch(/^HTTP\/1\.1 200 /);
  expect(canary).toEqual(['diary.bakery.localhost/']);
});

test('an agent opens no private app, not even of its own office', async () => {
  await answers();
  const answer = await send('/', 'Host: diary.bakery.localhost', bearer(AGENT_TOKEN));
  expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  expect(answer).toContain('"code":"not_allowed"');
  expect(answer).toContain('"hint"');
  expect(canary).toEqual([]);
  expect(fixture.refused).toMatchObject([{ status: 403, code: 'not_allowed', principal: { name: 'agent' } }]);
});

test('who is unknown is told that the app is private, by the name under which he asked', async () => {
  await answers();
  for (const headers of [[], ['Authorization: Bearer tbf_nobody']]) {
    const answer = await send(`/app/${PRIVATE_APP.id}/`, local(), ...headers);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).not.toContain(PRIVATE_APP.slug);
  }
  expect(fixture.refused).toEqual([
    { principal: null, status: 401, code: 'credential_missing' },
    { principal: null, status: 401, code: 'credential_missing' },
  ]);
});

test('who comes by a name that is none of ours is told of as a stranger, whatever he shows', async () => {
  await answers();
  expect(await send('/', 'Host: evil.example', bearer(OFFICE_TOKEN))).toMatch(/^HTTP\/1\.1 421 /);
  expect(fixture.refused).toEqual([{ principal: null, status: 421, code: 'host_foreign' }]);
  expect(canary).toEqual([]);
});

test('a public app is opened by everybody, and no credential of ours is seen by it', async () => {
  const seen: (string | undefined)[] = [];
  fixture = await startEdge((request, response) => {
    seen.push(request.headers.authorization);
    response.end();
  });
  for (const token of [BAKERY_TOKEN, AGENT_TOKEN, 'Bearer tbf_nobody']) {
    expect(await send('/', 'Host: hello.localhost', bearer(token))).toMatch(/^HTTP\/1\.1 200 /);
  }
  expect(seen).toEqual([undefined, undefined, undefined]);
  expect(fixture.refused).toEqual([]);
});

test('a browser that opens the path mount is sent to the host of the app’s own office', async () => {
  await answers();
  const path = `/app/${OTHER_PRIVATE_APP.id}/x?y=1`;
  const answer = await send(path, local(), bearer(BAKERY_TOKEN), 'Sec-Fetch-Mode: navigate');
  expect(answer).toContain(`Location: http://diary.bakery.localhost:${fixture.port}/x?y=1\r\n`);
});

test('behind a public URL an office is a label below the domain', async () => {
  await answers({ domain: 'apps.example.com', publicUrl: 'https://apps.example.com' });
  const answer = await send(
    `/app/${OTHER_PRIVATE_APP.id}/x`,
    'Host: apps.example.com',
    bearer(BAKERY_TOKEN),
    'Sec-Fetch-Mode: navigate',
  );
  expect(answer).toContain('Location: https://diary.bakery.apps.example.com/x\r\n');
});

/** Streams one chunk and goes on for ever. */
const streams = async () => {
  const open: { request: IncomingMessage; response: ServerResponse }[] = [];
  fixture = await startEdge((request, response) => {
    open.push({ request, response });
    response.write('first');
  });
  return open;
};
const visit = async (host: string, token: string): Promise<{ socket: Duplex; closed: Promise<unknown> }> => {
  const socket = await fixture.open();
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${token}\r\n\r\n`);
  const closed = once(socket, 'close');
  for (let got = ''; !got.includes('first'); ) got += String((await once(socket, 'data'))[0]);
  socket.resume().on('error', () => {}); // a reset is one way to learn of it
  return { socket, closed };
};

test('a streamed answer of a private app ends with the credential that opened it, others go on', async () => {
  const open = await streams();
  const mine = await visit('diary.bakery.localhost', BAKERY_TOKEN);
  const others = await visit('diary.bakery.localhost', OFFICE_TOKEN);
  const publicOne = await visit('hello.localhost', BAKERY_TOKEN);
  const appSide = once(open[0]!.response, 'close');
  fixture.endCredential(BAKERY_TOKEN);
  await Promise.all([mine.closed, appSide]);
  for (const { socket } of [others, publicOne]) {
    const more = once(socket, 'data');
    for (const each of open.slice(1)) each.response.write('more');
    await more;
    socket.destroy();
  }
});

test('who waits for an app to start is told when his credential ends', async () => {
  await answers();
  const starting = Promise.withResolvers<never>();
  fixture.wakeWith = () => starting.promise;
  const answer = send('/', 'Host: diary.bakery.localhost', bearer(BAKERY_TOKEN));
  await expect.poll(() => fixture.wakes).toEqual([OTHER_PRIVATE_APP.id]);
  fixture.endCredential(BAKERY_TOKEN);
  expect(await answer).toMatch(/^HTTP\/1\.1 401 [\s\S]*has ended/);
  expect(canary).toEqual([]);
  starting.reject(new Error('the test is over'));
});

test('a WebSocket of a private app ends with the credential that opened it, on both sides', async () => {
  fixture = await startEdge((_request, response) => response.end());
  const sockets = new WebSocketServer({ server: fixture.upstream });
  sockets.on('connection', (socket) => socket.send('hello'));
  const connect = async (token: string, app: string) => {
    const socket = new WebSocket(`ws://127.0.0.1:${fixture.port}/app/${app}/`, {
      headers: { authorization: token },
    });
    await once(socket, 'message');
    return socket;
  };
  const mine = await connect(BAKERY_TOKEN, OTHER_PRIVATE_APP.id);
  const appSide = once([...sockets.clients][0]!, 'close');
  const others = await connect(OFFICE_TOKEN, OTHER_PRIVATE_APP.id);
  const publicOne = await connect(BAKERY_TOKEN, PUBLIC_APP.id);
  const closed = once(mine, 'close');
  fixture.endCredential(BAKERY_TOKEN);
  await Promise.all([closed, appSide]);
  const pongs = [others, publicOne].map((socket) => once(socket, 'pong'));
  for (const socket of [others, publicOne]) socket.ping();
  await Promise.all(pongs);
  for (const socket of [others, publicOne]) socket.terminate();
  sockets.close();
});
