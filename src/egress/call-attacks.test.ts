import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { createAppCalls } from './app-calls.ts';
import { grantedHosts } from './granted-hosts.ts';
import { noAppApi } from './no-app-api.ts';
import { openChannel } from './open-channel.ts';
import { until } from './testing/canary.ts';

const SHOP = { name: 'shop', id: '0191e7c2-1111-7222-8333-444455556666' };
const HOST = 'host: shop.tabbify.internal\r\n';
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nhost: public.localhost\r\n\r\n';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A node, and a connection of an app to the shop. */
async function open(listener: RequestListener, streams = 512) {
  let connections = 0;
  const node = createServer(listener).on('connection', () => connections++);
  node.listen(0, '127.0.0.1');
  await once(node, 'listening');
  const calls = createAppCalls({ streams });
  calls.route({ node: `http://127.0.0.1:${(node.address() as AddressInfo).port}`, key: 'key' });
  const channel = openChannel({
    policy: grantedHosts([], [SHOP]),
    calls: calls.serve,
    platform: noAppApi(),
    say: () => {},
    clock: { now: () => 0 },
  });
  const dial = () => channel.dial({ host: 'shop.tabbify.internal', port: 80 });
  const stream = await dial();
  let heard = '';
  stream.on('data', (bytes) => {
    heard += bytes;
  });
  closing.push(() => {
    stream.destroy();
    calls.close();
    node.closeAllConnections();
    node.close();
  });
  return {
    stream,
    dial,
    heard: () => heard,
    answers: () => heard.split('HTTP/1.1 ').length - 1,
    connections: () => connections,
  };
}

test.each([
  ['GET', 'content-length'],
  ['DELETE', 'close, Content-Length , x'],
  ['POST', 'content-length'],
  ['GET', 'transfer-encoding, content-length'],
])('a body stays one, whatever is said to be for the connection alone: %s, %s', async (method, named) => {
  const seen: string[] = [];
  const { stream, heard, answers } = await open(async (request, response) => {
    const body = await text(request);
    seen.push(`${request.method} ${request.url} ${body.length}`);
    response.end();
  });
  const length = `connection: ${named}\r\ncontent-length: ${SMUGGLED.length}\r\n`;
  stream.write(`${method} /first HTTP/1.1\r\n${HOST}${length}\r\n${SMUGGLED}`);
  await until('it is answered', () => answers() === 1);
  if (!named.includes('close')) {
    stream.write(`GET /last HTTP/1.1\r\n${HOST}\r\n`);
    await until('the last one is answered', () => heard().split('HTTP/1.1 ').length === 3);
  }
  const last = named.includes('close') ? [] : ['GET /last 0'];
  expect(seen).toEqual([`${method} /first ${SMUGGLED.length}`, ...last]);
});

test('what an app asks for at once over few connections is bounded like what it asks for over many', async () => {
  const waiting: (() => void)[] = [];
  const { stream, heard, answers, connections } = await open(
    (_, response) => waiting.push(() => response.end()),
    8,
  );
  stream.write(`GET / HTTP/1.1\r\n${HOST}\r\n`.repeat(16));
  await until('the node is asked', () => waiting.length >= 8);
  for (const answer of waiting) answer();
  await until('the connection has ended', () => stream.readableEnded || stream.destroyed);
  expect([answers(), waiting.length, connections()]).toEqual([9, 8, 8]);
  expect(heard()).toContain('egress_busy');
});

test('a connection with more than 16 requests that wait ends, and all that it asked for with it', async () => {
  let underWay = 0;
  let most = 0;
  const { stream, answers, dial } = await open((request) => {
    most = Math.max(most, ++underWay);
    request.socket.once('close', () => underWay--);
  }, 16);
  stream.write(`GET / HTTP/1.1\r\n${HOST}\r\n`.repeat(16));
  await until('the node is asked', () => underWay === 16);
  stream.write(`GET / HTTP/1.1\r\n${HOST}\r\n`.repeat(2_000));
  await until('the connection has ended', () => stream.readableEnded || stream.destroyed);
  await until('the node sees each leave', () => underWay === 0);
  expect([answers(), most]).toEqual([0, 16]);
  const again = await dial();
  again.write(`GET / HTTP/1.1\r\n${HOST}\r\n`);
  await until('the node is asked once more', () => underWay === 1);
  again.destroy();
});

test('an app that leaves takes along what it asked for behind an answer that has not come', async () => {
  let gone = 0;
  let asked = 0;
  const opened = await open((request) => {
    asked++;
    request.socket.once('close', () => gone++);
  }, 3);
  opened.stream.write(`GET / HTTP/1.1\r\n${HOST}\r\n`.repeat(3));
  await until('the node is asked', () => asked === 3);
  opened.stream.destroy();
  await until('the node sees each leave', () => gone === 3);
  const again = await opened.dial();
  again.write(`GET / HTTP/1.1\r\n${HOST}\r\n`);
  await until('the node is asked once more', () => asked === 4);
  again.destroy();
});
