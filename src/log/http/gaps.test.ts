import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { codeOf, draft, range, take } from '../conformance/harness.ts';
import { openRemoteLog, type ServedLog } from '../index.ts';
import type { Gap, LogStore } from '../log-store.ts';
import { TEST_TOKEN } from '../testing/app.ts';
import { type LogServer, startLogServer, temporaryDirectory } from '../testing/media.ts';
import { openRawReader } from '../testing/raw-reader.ts';
import { until } from '../testing/until.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: LogServer;
let log: LogStore;
beforeEach(async () => {
  directory = await temporaryDirectory();
  server = await startLogServer(join(directory.path, 'log.db'));
  log = openRemoteLog({ url: server.url, token: TEST_TOKEN });
});
afterEach(async () => {
  await log.close();
  await server.close();
  await directory.dispose();
});

/** Ten events, of which those about `integration/1` (3, 4, 8) are erased. */
async function fillAndErase(): Promise<void> {
  for (const n of range(1, 10)) {
    const outside = [3, 4, 8].includes(n);
    await server.store.append(
      draft({
        data: { canary: `body-${n}` },
        ...(outside && { class: 'traffic' as const, subject: 'integration/1' }),
      }),
    );
  }
  expect(await server.store.erase({ subject: 'integration/1' })).toMatchObject({ erased: 3 });
}

test('a gap is a frame without an id, and nothing of an erased body is sent', async () => {
  await fillAndErase();
  const reader = await openRawReader(server.url, TEST_TOKEN, 'after=1');
  await until(() => reader.positions().length === 6);
  expect(reader.positions()).toEqual([2, 5, 6, 7, 9, 10]);
  const frames = reader
    .text()
    .split('\n\n')
    .filter((frame) => frame.includes('event: $gap'));
  expect(frames.map((frame) => JSON.parse(frame.split('data: ')[1] ?? ''))).toEqual([
    { kind: 'erased', count: 2, through: 4 },
    { kind: 'erased', count: 1, through: 8 },
  ]);
  expect(frames.every((frame) => !frame.includes('id: '))).toBe(true);
  expect(reader.text()).not.toContain('body-3');
  reader.socket.destroy();
});

test('a remote reader is told of the same gaps as a local one, at the same places, once each', async () => {
  await fillAndErase();
  const told: [unknown[], unknown[]] = [[], []];
  for (const [index, store] of [server.store, log].entries()) {
    const stop = new AbortController();
    const list = told[index] ?? [];
    const events = store.subscribe({ after: 0, onGap: (gap: Gap) => list.push(gap) }, stop.signal);
    for await (const event of events) {
      list.push(event.position);
      if (event.position === 10) break;
    }
    stop.abort();
  }
  expect(told[0]).toContainEqual({ kind: 'erased', count: 2, through: 4 });
  expect(told[1]).toEqual(told[0]);
});

test('a cursor older than what was erased resumes at the oldest kept event', async () => {
  await fillAndErase();
  const stop = new AbortController();
  const gaps: Gap[] = [];
  const events = log.subscribe({ after: 2, onGap: (gap) => gaps.push(gap) }, stop.signal);
  expect((await take(events, 1, stop))[0]?.position).toBe(5);
  expect(gaps).toEqual([{ kind: 'erased', count: 2, through: 4 }]);
});

test('when everything after the cursor was erased, the reader is told at the head', async () => {
  await fillAndErase();
  const stop = new AbortController();
  const gaps: Gap[] = [];
  const query = { after: 7, subject: 'integration/1', onGap: (gap: Gap) => void gaps.push(gap) };
  const waiting = log.subscribe(query, stop.signal)[Symbol.asyncIterator]().next();
  await until(() => gaps.length === 1);
  expect(gaps).toEqual([{ kind: 'erased', count: 1, through: 8 }]);
  stop.abort();
  expect((await waiting).done).toBe(true);
});

test('a damaged event ends a remote subscription that is not told of gaps, as it ends a local one', async () => {
  await fillAndErase();
  const damaged = (store: ServedLog): ServedLog => ({
    ...store,
    watch(query) {
      const events = [{ specversion: '1.0' as const, ...draft(), position: 2 }];
      query.onGap?.({ kind: 'damaged', positions: [1] });
      return { take: () => events.shift() ?? null, ended: null, close: () => {} };
    },
  });
  await server.close();
  server = await startLogServer(join(directory.path, 'log.db'), 0, {}, damaged);
  const remote = openRemoteLog({ url: server.url, token: TEST_TOKEN });
  const stop = new AbortController();
  const events = remote.subscribe({ after: 0 }, stop.signal)[Symbol.asyncIterator]();
  expect(await codeOf(events.next())).toBe('event_damaged');
  const gaps: Gap[] = [];
  const told = remote.subscribe({ after: 0, onGap: (gap) => gaps.push(gap) }, stop.signal);
  expect((await take(told, 1, stop))[0]?.position).toBe(2);
  expect(gaps).toEqual([{ kind: 'damaged', positions: [1] }]);
  await remote.close();
});
