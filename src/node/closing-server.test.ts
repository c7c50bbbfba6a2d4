import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import { TimedResponse } from '../runner/index.ts';
import { createServerEnd } from './closing-server.ts';

async function serve(answer: RequestListener<typeof IncomingMessage, typeof TimedResponse>) {
  const server = createServer({ ServerResponse: TimedResponse, keepAliveTimeout: 60_000 });
  const end = createServerEnd(server, () => {});
  server.on('request', answer as RequestListener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, end, port: (server.address() as AddressInfo).port };
}

/** Status, `Connection` and body of an answer; the error's code when it is broken off. */
async function ask(port: number, path = '/'): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return `${response.status} ${response.headers.get('connection')} ${await response.text()}`;
  } catch (error) {
    return String((error as { cause?: NodeJS.ErrnoException }).cause?.code ?? error);
  }
}

const isListening = (server: Server) => server.listening;

test('what was asked is answered, and told to ask elsewhere next; who comes later is refused', async () => {
  const asked = Promise.withResolvers<TimedResponse>();
  const { server, end, port } = await serve((_, response) => asked.resolve(response));
  const answer = ask(port);
  const response = await asked.promise;
  let drained = false;
  const draining = end.drain().then(() => {
    drained = true;
  });
  expect(isListening(server)).toBe(false);
  expect(await ask(port)).toBe('ECONNREFUSED');
  expect(drained).toBe(false);
  response.end('late');
  await draining;
  expect(await answer).toBe('200 close late');
  await end.close();
});

test('an event stream goes on while the server drains, and is broken off when it closes', async () => {
  const { end, port } = await serve((incoming, response) => {
    const head = { 'content-type': 'text/event-stream; charset=utf-8' };
    if (incoming.url === '/raw')
      response.writeHead(200, Object.entries(head) as never); // as the edge writes it
    else response.writeHead(200, head);
    response.write('data: 1\n\n');
  });
  const streams = await Promise.all(['/', '/raw'].map((path) => fetch(`http://127.0.0.1:${port}${path}`)));
  const readers = streams.map((response) => response.body!.getReader());
  for (const reader of readers) await reader.read();
  await end.drain();
  const next = Promise.allSettled(readers.map((reader) => reader.read()));
  await end.close();
  expect((await next).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('a connection that was taken just before may still say what it wants, one that stays mute does not hold the end up', async () => {
  const { server, end, port } = await serve((_, response) => void response.end('here'));
  const [late, mute] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  let text = '';
  late.on('data', (chunk) => {
    text += chunk;
  });
  for (const socket of [late, mute]) socket.on('error', () => {});
  while ((await connections(server)) < 2) await once(server, 'connection');
  const closed = end.close();
  late.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await Promise.all([once(late, 'close'), once(mute, 'close'), closed]);
  expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*Connection: close[\s\S]*here$/);
});

test('an idle connection that is kept does not hold the end up', async () => {
  const { end, port } = await serve((_, response) => void response.end('here'));
  const call = request({ port, host: '127.0.0.1', headers: { connection: 'keep-alive' } }).end();
  const [response] = await once(call, 'response');
  response.resume();
  await once(response, 'end');
  const began = performance.now();
  await end.close();
  expect(performance.now() - began).toBeLessThan(5_000); // it is kept for 60 s
});

test('a server that never listened is at its end', async () => {
  const server = createServer({ ServerResponse: TimedResponse });
  await createServerEnd(server, () => {}).close();
  expect(server.listening).toBe(false);
});

async function connections(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
}
