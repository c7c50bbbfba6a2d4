import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { openRequest, until } from '../testing/served-app.ts';
import { textOf, useProbe } from './probe.fixture.ts';

const startProbe = useProbe();
const MIB = 1 << 20;

test('a slow reader slows the guest; the host keeps no more than a little of the body', async () => {
  await using served = await startProbe({ fuelPerRequest: 10_000_000_000 });
  const before = process.memoryUsage().rss;
  const answer = await openRequest(served.port, `/bytes/${200 * MIB}`).answer;
  answer.pause();
  await until('the guest waits', () => served.app.stats().instances_busy === 1);
  await textOf(served, '/sleep/300'); // time in which 200 MiB would have been written
  expect(served.app.stats().instances_busy).toBe(1);
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
  let received = 0;
  for await (const chunk of answer) received += (chunk as Buffer).length;
  expect(received).toBe(200 * MIB);
});

test('an upload nobody reads stays with its sender', async () => {
  await using served = await startProbe();
  const upload = openRequest(served.port, '/forever', 'POST');
  const chunk = Buffer.alloc(MIB);
  for (let sent = 0; sent < 64; sent++) upload.write(chunk);
  await upload.answer;
  await textOf(served, '/sleep/100');
  expect(upload.unsent()).toBeGreaterThan(48 * MIB);
  upload.abort();
});

test('one pollable of a body stays true to it for its whole life', async () => {
  await using served = await startProbe();
  const upload = openRequest(served.port, '/listen', 'POST');
  for (const part of ['a', 'bc', 'def']) {
    upload.write(part);
    await textOf(served, '/sleep/60');
  }
  upload.end();
  const report = await text(await upload.answer);
  const [, bytes, turns, idle] = /bytes (\d+)\nturns (\d+)\nidle (\d+)/.exec(report) ?? [];
  expect(Number(bytes)).toBe(6);
  expect(Number(idle)).toBeGreaterThan(1); // it slept between the parts …
  expect(Number(turns)).toBeLessThan(60); // … and did not spin
});

test('events reach the listener when they happen', async () => {
  await using served = await startProbe();
  const answer = await openRequest(served.port, '/events').answer;
  const times: number[] = [];
  for await (const _ of answer) {
    times.push(performance.now());
    if (times.length === 5) break;
  }
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(150);
});

test('a guest whose client leaves finds its stream closed and its instance serves on', async () => {
  await using served = await startProbe();
  const request = openRequest(served.port, '/events');
  await request.answer;
  request.abort();
  await until('the guest has noticed', () => served.logged.includes('stdout: listener gone'));
  expect(await textOf(served, '/')).toBe('requests 2\n');
  expect(served.app.stats()).toMatchObject({ instances: 1, instances_busy: 0, clients_gone: 1 });
});

test('a guest that does not notice is ended, and nothing of it remains', async () => {
  await using served = await startProbe();
  const requests = Array.from({ length: 5 }, () => openRequest(served.port, '/forever'));
  await Promise.all(requests.map((request) => request.answer));
  for (const request of requests) request.abort();
  await until('all are given up', () => served.app.stats().instances_busy === 0);
  expect(served.app.stats().instances).toBe(0);
  expect(await textOf(served, '/')).toBe('requests 1\n');
});

test('a sender that breaks off in the middle of its body ends no more than its own request', async () => {
  await using served = await startProbe();
  const socket = connect(served.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nonly this');
  await once(socket, 'data');
  socket.destroy();
  await until('the request is over', () => served.app.stats().instances_busy === 0);
  expect(await textOf(served, '/')).toMatch('requests');
});

test('a body the guest does not read is passed over, and the connection serves the next request', async () => {
  await using served = await startProbe();
  const body = 'x'.repeat(200_000);
  for (let turn = 0; turn < 3; turn++) {
    expect(await (await fetch(`${served.url}/status/200`, { method: 'POST', body })).text()).toBe('');
  }
});
