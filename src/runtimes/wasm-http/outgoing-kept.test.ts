import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { grantedHosts, noAppApi, openChannel } from '../../egress/index.ts';
import { systemClock } from '../../kit/index.ts';
import { openRequest, until } from '../testing/served-app.ts';
import { useProbe } from './probe.fixture.ts';

const startProbe = useProbe();

interface Far extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  /** Connections that were made. */
  readonly sockets: readonly Socket[];
}

async function openFar(answer: RequestListener): Promise<Far> {
  const server = createServer(answer);
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    port: (server.address() as AddressInfo).port,
    sockets,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function startAt({ port }: Far) {
  const policy = grantedHosts([`127.0.0.1:${port}`]);
  const channel = openChannel({ policy, platform: noAppApi(), say: () => {}, clock: systemClock });
  const served = await startProbe({ channel });
  const ask = async () => {
    const answer = await fetch(`${served.url}/out?to=http://127.0.0.1:${port}/`);
    return `${answer.status} ${await answer.text()}`;
  };
  return { policy, served, ask, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() };
}

test('requests one after the other go over one connection, bodies both ways', async () => {
  await using far = await openFar((request, response) => void request.pipe(response));
  await using app = await startAt(far);
  for (let turn = 0; turn < 5; turn++) expect(await app.ask()).toBe('200 ');
  for (let turn = 0; turn < 3; turn++) {
    const asking = openRequest(app.served.port, `/relay?to=http://127.0.0.1:${far.port}/`, 'POST');
    asking.write('in ');
    asking.write('parts');
    asking.end();
    const answer = await asking.answer;
    let text = '';
    for await (const chunk of answer) text += String(chunk);
    expect(text).toBe('in parts');
  }
  expect(far.sockets.length).toBe(1);
});

test('one whose far end has left without a word is not met again: the request goes over another', async () => {
  await using far = await openFar((_request, response) => response.end('here'));
  await using app = await startAt(far);
  expect(await app.ask()).toBe('200 here');
  far.sockets[0]?.removeAllListeners('data'); // it reads nothing any more
  far.sockets[0]?.on('data', () => far.sockets[0]?.resetAndDestroy());
  far.sockets[0]?.resume();
  expect(await app.ask()).toBe('200 here');
  expect(far.sockets.length).toBe(2);
});

test.each<[string, RequestListener]>([
  ['says that it closes', (_request, response) => response.setHeader('connection', 'close').end('here')],
  [
    'keeps it for a moment only',
    (_request, response) => response.setHeader('keep-alive', 'timeout=1').end('here'),
  ],
  ['ends it to end its answer', ({ socket }) => void socket.end('HTTP/1.1 200 OK\r\n\r\nhere')],
])('one whose far end %s is not kept', async (_, answer) => {
  await using far = await openFar(answer);
  await using app = await startAt(far);
  for (let turn = 0; turn < 3; turn++) expect(await app.ask()).toBe('200 here');
  expect(far.sockets.length).toBe(3);
});

test('one that is kept ends with its grant', async () => {
  await using far = await openFar((_request, response) => response.end('here'));
  await using app = await startAt(far);
  expect(await app.ask()).toBe('200 here');
  app.policy.set([]);
  await until('it has gone', () => far.sockets[0]?.destroyed === true);
  expect(await app.ask()).toMatch(/^502 error/);
});

test('and with the app', async () => {
  await using far = await openFar((_request, response) => response.end('here'));
  {
    await using app = await startAt(far);
    expect(await app.ask()).toBe('200 here');
  }
  await until('it has gone', () => far.sockets[0]?.destroyed === true, 3_000);
});
