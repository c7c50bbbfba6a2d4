import { once } from 'node:events';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { draft, positionsOf, range, take } from '../conformance/harness.ts';
import { openRemoteLog } from '../index.ts';
import { TEST_TOKEN } from '../testing/app.ts';
import { type LogServer, startLogServer, temporaryDirectory } from '../testing/media.ts';
import { openRawReader } from '../testing/raw-reader.ts';
import { until } from '../testing/until.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: LogServer;
let lines: Record<string, unknown>[];

const start = async (bounds: { stalledAfterMs?: number; bufferedBytes?: number; heartbeatMs?: number }) => {
  lines = [];
  const logger = pino({ level: 'warn' }, { write: (line) => void lines.push(JSON.parse(line)) });
  server = await startLogServer(join(directory.path, 'log.db'), 0, { ...bounds, logger });
};
/** Far more than the system keeps for a connection. */
const TOTAL = 400;
const append = (from: number, to: number) =>
  Promise.all(
    range(from, to).map((n) => server.store.append(draft({ data: { n, text: 'x'.repeat(60_000) } }))),
  );

beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(async () => {
  await server.close();
  await directory.dispose();
});

test('a reader that takes nothing is cut off with its cursor, while another is told of everything', async () => {
  await start({ stalledAfterMs: 400 });
  const slow = await openRawReader(server.url, TEST_TOKEN, 'after=0');
  await until(() => server.store.stats().waiting === 1);
  slow.socket.pause();

  const log = openRemoteLog({ url: server.url, token: TEST_TOKEN });
  const stop = new AbortController();
  const fast = take(log.subscribe({ after: 0 }, stop.signal), TOTAL, stop);
  await append(1, TOTAL);
  expect(positionsOf(await fast)).toEqual(range(1, TOTAL)); // whatever the slow one does
  await log.close();

  await until(() => lines.length > 0);
  const { after, behind, msg } = lines[0] as { after: number; behind: number; msg: string };
  expect(msg).toContain('cut off');
  expect(after).toBeGreaterThan(0);
  expect(after + behind).toBe(TOTAL);
  await until(() => server.store.stats().waiting === 0);
  slow.socket.destroy();
});

test('one that moves again gets what was under way and a last frame that says why, and goes on from there', async () => {
  await start({ stalledAfterMs: 300 });
  const slow = await openRawReader(server.url, TEST_TOKEN, 'after=0');
  await until(() => server.store.stats().waiting === 1);
  slow.socket.pause();
  await append(1, TOTAL);
  await until(() => lines.length > 0);
  slow.socket.resume();
  await slow.ended;
  const got = slow.positions();
  expect(got.length).toBeLessThan(TOTAL);
  expect(got).toEqual(range(1, got.length));
  const cut = /event: \$cut\ndata: (.*)\n\n/.exec(slow.text())?.[1] ?? 'null';
  expect(JSON.parse(cut)).toEqual({ after: got.length, why: 'nothing was taken for 0.3 s' });
  const resumed = await openRawReader(server.url, TEST_TOKEN, 'after=0', `last-event-id: ${got.length}\r\n`);
  await until(() => resumed.positions().length > 0);
  expect(resumed.positions()[0]).toBe(got.length + 1);
  resumed.socket.destroy();
});

test('a slow reader that moves is served at its pace, to the end', async () => {
  await start({ stalledAfterMs: 5_000, bufferedBytes: 64 * 1024 });
  const slow = await openRawReader(server.url, TEST_TOKEN, 'after=0');
  await append(1, TOTAL);
  while (slow.positions().length < TOTAL) {
    slow.socket.resume();
    await once(slow.socket, 'data');
    slow.socket.pause();
    await new Promise(setImmediate);
  }
  expect(slow.positions()).toEqual(range(1, TOTAL));
  expect(lines).toEqual([]);
  slow.socket.destroy();
});

test('a quiet stream is not cut off: comments show that both ends are there', async () => {
  await start({ stalledAfterMs: 40, heartbeatMs: 20 });
  const reader = await openRawReader(server.url, TEST_TOKEN, 'after=0');
  await until(() => reader.text().split(': still here\n\n').length > 6);
  await append(1, 1);
  await until(() => reader.positions().length === 1);
  expect(lines).toEqual([]);
  reader.socket.destroy();
});
