import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { draft, range } from '../conformance/harness.ts';
import type { StoredEvent } from '../envelope.ts';
import { until } from '../testing/until.ts';
import { sseConnection } from './sse-connection.ts';
import { eventFrame } from './sse-frames.ts';
import { createTurns } from './turns.ts';

const event = (position: number): StoredEvent => ({ specversion: '1.0', ...draft(), position });
const BOUNDS = { bufferedBytes: 4096, stalledAfterMs: 10_000, heartbeatMs: 10_000 };

let server: Server;
let socket: Socket;
let response: ServerResponse;
let received: string;
beforeEach(async () => {
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  received = '';
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text;
  });
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
});
afterEach(async () => {
  socket.destroy();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const open = () => sseConnection(response, 0, BOUNDS, createTurns(), () => {});
/** Bodies of the chunks (RFC 9112, section 7.1) that came: one for each write. */
const writes = () => received.split(/\r\n[0-9a-f]+\r\n/).slice(1);

test('frames of one turn are one write, in order, and what the socket took is known', async () => {
  const connection = open();
  await until(() => writes().length === 1);
  const frames = range(1, 10).map((n) => eventFrame(event(n)));
  for (const [index, frame] of frames.entries()) {
    connection.send(frame, index + 1);
    await new Promise(process.nextTick); // the same turn still
  }
  await until(() => connection.taken === 10);
  await until(() => received.includes('id: 10\n'));
  expect(writes()).toHaveLength(2);
  expect(writes()[1]?.trimEnd()).toBe(Buffer.concat(frames).toString().trimEnd());
  expect(connection.waiting).toBe(0);
});

test('an event is written as a frame once, whoever it is sent to', () => {
  const one = event(7);
  expect(eventFrame(one)).toBe(eventFrame(one));
  expect(eventFrame(one).toString()).toBe(`id: 7\nevent: thing_happened\ndata: ${JSON.stringify(one)}\n\n`);
});

test('a connection is full at its bound and has room again when the socket took half of it', async () => {
  const connection = open();
  const frame = Buffer.alloc(1000, 'x');
  for (const n of range(1, 5)) connection.send(frame, n);
  expect(connection.full).toBe(true);
  await connection.room();
  expect(connection.full).toBe(false);
});

test('a cut leaves out what was not with the socket, says where it was, and ends the connection', async () => {
  const connection = open();
  connection.send(eventFrame(event(1)), 1);
  await until(() => received.includes('id: 1\n'));
  connection.send(eventFrame(event(2)), 2);
  connection.cut('the credential has ended');
  connection.send(eventFrame(event(3)), 3);
  connection.end();
  await until(() => received.endsWith('\r\n0\r\n\r\n'));
  expect(received).not.toMatch(/id: [23]\n/);
  expect(received).toContain('event: $cut\ndata: {"after":1,"why":"the credential has ended"}\n\n');
});

test('a reader that goes away frees who waits for room', async () => {
  const connection = open();
  connection.send(Buffer.alloc(64 * 1024 * 1024), 1);
  const room = connection.room();
  socket.destroy();
  await room;
});
