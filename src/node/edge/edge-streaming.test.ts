import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { type EdgeFixture, startEdge } from './testing/edge-fixture.ts';

let fixture: EdgeFixture;
afterEach(() => fixture.close());

const MIB = 1 << 20;
const call = (options: { method?: string; path?: string; headers?: Record<string, string | number> }) =>
  request({
    port: fixture.port,
    host: '127.0.0.1',
    ...options,
    headers: { host: 'hello.localhost', ...options.headers },
  });

test('100 MiB go up and come back unchanged, in little memory', async () => {
  const received = createHash('sha256');
  fixture = await startEdge((incoming, response) => {
    incoming.on('data', (chunk) => received.update(chunk));
    incoming.pipe(response);
  });
  const block = randomBytes(MIB);
  const sent = createHash('sha256');
  const returned = createHash('sha256');
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let peak = 0;
  const upload = call({ method: 'POST' });
  Readable.from(
    (function* () {
      for (let index = 0; index < 100; index += 1) {
        sent.update(block);
        peak = Math.max(peak, process.memoryUsage.rss());
        yield block;
      }
    })(),
  ).pipe(upload);
  const [response] = await once(upload, 'response');
  for await (const chunk of response) returned.update(chunk);
  const digest = sent.digest('hex');
  expect([received.digest('hex'), returned.digest('hex')]).toEqual([digest, digest]);
  // upstream, edge and visitor share this process; the bench measures the edge alone
  expect((peak - before) / MIB).toBeLessThan(96);
});

test('a visitor that reads slowly holds the app back', async () => {
  let written = 0;
  fixture = await startEdge((_incoming, response) => {
    const block = Buffer.alloc(64 * 1024);
    const pump = () => {
      while (written < 200 * MIB) {
        written += block.length;
        if (!response.write(block)) {
          response.once('drain', pump);
          return;
        }
      }
      response.end();
    };
    pump();
  });
  const socket = await fixture.open();
  socket.write('GET / HTTP/1.1\r\nHost: hello.localhost\r\n\r\n');
  await once(socket, 'readable'); // nothing is read from here on
  let last = -1;
  await expect
    .poll(
      () => {
        const stalled = written === last;
        last = written;
        return stalled;
      },
      { interval: 200, timeout: 10_000 },
    )
    .toBe(true);
  expect(written).toBeLessThan(64 * MIB);
  socket.destroy();
});

test('a visitor that goes away ends the app’s request', async () => {
  const gone = Promise.withResolvers<void>();
  fixture = await startEdge((incoming, response) => {
    incoming.on('close', () => gone.resolve());
    response.write('begun');
  });
  const asked = call({});
  asked.on('error', () => {});
  asked.end();
  const [response] = await once(asked, 'response');
  response.on('error', () => {});
  await once(response, 'data');
  asked.destroy();
  await gone.promise;
});

test('an app that breaks off breaks the visitor’s transfer, so that nobody takes a part for the whole', async () => {
  fixture = await startEdge((_incoming, response) => {
    response.writeHead(200);
    response.write('half');
    setImmediate(() => response.destroy());
  });
  const answer = await fixture.raw('GET / HTTP/1.1\r\nHost: hello.localhost\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer).not.toMatch(/\r\n0\r\n\r\n$/);
});

test('an app may answer before the upload is over, and the connection lives on', async () => {
  fixture = await startEdge((_incoming, response) => {
    response.writeHead(413, { 'Content-Length': 8 });
    response.end('too big\n');
  });
  const body = 'x'.repeat(2 * MIB);
  const post = `POST / HTTP/1.1\r\nHost: hello.localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const answer = await fixture.raw(
    `${post}GET / HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\n\r\n`,
  );
  expect(answer.match(/HTTP\/1\.1 413/g)).toHaveLength(2);
});

test('100 Continue is said when the app’s connection takes the body, and not to who is refused', async () => {
  fixture = await startEdge((incoming, response) => incoming.pipe(response));
  const expectation = 'Content-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n';
  const socket = await fixture.open();
  socket.setEncoding('latin1');
  socket.write(`POST / HTTP/1.1\r\nHost: hello.localhost\r\n${expectation}`);
  let received = '';
  socket.on('data', (chunk) => {
    if (received === '') socket.write('ping');
    received += chunk;
  });
  await once(socket, 'close');
  expect(received).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  expect(received).toMatch(/ping/);
  const refused = await fixture.raw(`POST / HTTP/1.1\r\nHost: diary.localhost\r\n${expectation}`);
  expect(refused).toMatch(/^HTTP\/1\.1 401 /);
});
