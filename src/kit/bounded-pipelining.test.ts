import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { boundedPipelining } from './bounded-pipelining.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

/** A connection to a server that answers nothing by itself. */
function open() {
  const waiting: ServerResponse[] = [];
  const server = createServer(boundedPipelining((_, response) => void waiting.push(response)));
  const [client, end] = duplexPair();
  end.on('error', () => {});
  server.emit('connection', end);
  return { client, end, waiting };
}

test('sixteen requests wait on a connection, and as many again once they are answered', async () => {
  const { client, waiting } = open();
  let heard = '';
  client.on('data', (bytes) => {
    heard += bytes;
  });
  for (const round of [1, 2, 3]) {
    client.write(GET.repeat(16));
    await expect.poll(() => waiting.length).toBe(round * 16);
    for (const response of waiting.slice(-16)) response.end('x');
    await expect.poll(() => heard.split('HTTP/1.1 200').length).toBe(round * 16 + 1);
  }
  client.destroy();
});

test('one more ends the connection, and none of what follows is served', async () => {
  const { client, end, waiting } = open();
  const said = text(client).catch(() => '');
  const closed = once(end, 'close');
  client.write(GET.repeat(1_000));
  await closed;
  client.destroy();
  expect([waiting.length, await said]).toEqual([16, '']);
});
