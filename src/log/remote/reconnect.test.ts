import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { draft, positionsOf, range, take } from '../conformance/harness.ts';
import { openRemoteLog } from '../index.ts';
import { TEST_TOKEN } from '../testing/app.ts';
import { type LogServer, startLogServer, temporaryDirectory } from '../testing/media.ts';
import { until } from '../testing/until.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: LogServer;
const file = () => join(directory.path, 'log.db');
const open = (retryForMs = 10_000) => openRemoteLog({ url: server.url, token: TEST_TOKEN, retryForMs });

beforeEach(async () => {
  directory = await temporaryDirectory();
  server = await startLogServer(file());
});
afterEach(async () => {
  await server.close();
  await directory.dispose();
});

test('a subscription goes on from its cursor when the server comes back, without a gap or a repeat', async () => {
  const log = open();
  const stop = new AbortController();
  const taken = take(log.subscribe({ after: 0 }, stop.signal), 61, stop);
  for (const round of range(1, 3)) {
    for (const n of range(1, 20)) await log.append(draft({ data: { round, n } }));
    await until(() => server.store.stats().waiting === 1);
    await server.close();
    server = await startLogServer(file(), server.port);
  }
  await log.append(draft());
  expect(positionsOf(await taken)).toEqual(range(1, 61));
  await log.close();
});

test('an append while the server is away is made when it comes back, once', async () => {
  const log = open();
  await log.append(draft());
  const { port } = server;
  await server.close();
  const one = draft();
  const appended = Promise.all([log.append(one), log.append(one)]);
  server = await startLogServer(file(), port);
  expect((await appended).map((result) => result.position)).toEqual([2, 2]);
  expect(await log.head()).toBe(2);
  await log.close();
});

test('a server that stays away is log_unavailable once the deadline has passed', async () => {
  const log = open(300);
  const { port } = server;
  await server.close();
  const error = await log.append(draft()).catch((e) => e);
  expect(error).toMatchObject({ code: 'log_unavailable', status: 503 });
  expect(error.message).toContain(`127.0.0.1:${port} cannot be reached`);
  await log.close();
  server = await startLogServer(file());
});

test('closing ends an append that waits for the server', async () => {
  const log = open(60_000);
  await log.append(draft());
  const { port } = server;
  await server.close();
  const waiting = log.append(draft()).catch((e) => e);
  await delay(0);
  await log.close();
  expect(await waiting).toMatchObject({ code: 'log_unavailable' });
  server = await startLogServer(file(), port);
});

test('a reader that goes away is forgotten by the server', async () => {
  const log = open();
  const stops = range(1, 5).map(() => new AbortController());
  const readers = Promise.allSettled(
    stops.map(async (stop) => {
      for await (const _ of log.subscribe({ after: 0 }, stop.signal));
    }),
  );
  await until(() => server.store.stats().waiting === 5);
  for (const stop of stops.slice(0, 3)) stop.abort();
  await until(() => server.store.stats().waiting === 2);
  await log.close();
  await until(() => server.store.stats().waiting === 0);
  for (const [index, outcome] of (await readers).entries()) {
    expect(outcome.status).toBe(index < 3 ? 'fulfilled' : 'rejected');
  }
});

test('a refusal of the server is the error it was there, for a subscription too', async () => {
  const log = openRemoteLog({ url: server.url, token: 'wrong' });
  const expected = { code: 'unauthenticated', status: 401, hint: 'Send it as bearer' };
  await expect(log.append(draft())).rejects.toMatchObject(expected);
  await expect(log.read({})).rejects.toMatchObject(expected);
  const events = log.subscribe({ after: 0 }, new AbortController().signal)[Symbol.asyncIterator]();
  await expect(events.next()).rejects.toMatchObject(expected);
  expect(await server.store.head()).toBe(0);
  await log.close();
});
