import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { codeOf, draft, positionsOf, range, readAll } from '../conformance/harness.ts';
import type { EventDraft } from '../envelope.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { until } from '../testing/until.ts';
import { openSqliteLog, type SqliteLog } from './open.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let log: SqliteLog;
/** Threads in the order in which they were started: the writer, the reader, then those that took their places. */
let threads: Worker[];
const noted = (worker: Worker) => {
  threads.push(worker);
};

beforeEach(async () => {
  directory = await temporaryDirectory();
  threads = [];
  process.on('worker', noted);
  log = await openSqliteLog({ file: join(directory.path, 'log.db') });
});
afterEach(async () => {
  process.off('worker', noted);
  await log.close();
  await directory.dispose();
});

const works = async (operation: () => Promise<unknown>) => {
  await until(async () => (await codeOf(operation())) === 'nothing was refused');
};

test('when the writing thread dies the log opens again, and every append is there once', async () => {
  const appended = new Set<string>();
  let going = true;
  const writer = async (side: number) => {
    for (let n = 0; going; n++) {
      const event: EventDraft = draft({ subject: `side/${side}`, data: { n } });
      // As every caller may: the same id until it is acknowledged.
      await works(() => log.append(event));
      appended.add(event.id);
    }
  };
  const writers = range(1, 8).map(writer);
  for (const kill of range(1, 2)) {
    await until(() => appended.size > 200 * kill);
    const writing = threads.findLast((_, index) => index !== 1);
    await writing?.terminate();
    await until(() => threads.length === 2 + kill);
  }
  await until(() => appended.size > 600);
  going = false;
  await Promise.all(writers);
  const stored = await readAll(log);
  expect(positionsOf(stored)).toEqual(range(1, stored.length));
  expect(new Set(stored.map((event) => event.id))).toEqual(appended);
  expect(stored).toHaveLength(appended.size);
}, 30_000);

test('a subscription goes on over the death of the writing thread without a gap or a repeat', async () => {
  const stop = new AbortController();
  const seen: number[] = [];
  const reading = (async () => {
    for await (const event of log.subscribe({ after: 0 }, stop.signal)) seen.push(event.position);
  })();
  await log.append(draft());
  const unanswered = range(1, 20).map(() => log.append(draft()).catch((error) => error));
  await threads[0]?.terminate();
  await Promise.all(unanswered);
  await works(() => log.append(draft()));
  const head = await log.head();
  await until(() => seen.at(-1) === head);
  stop.abort();
  await reading;
  expect(seen).toEqual(range(1, head));
});

test('when the reading thread dies pages are read again soon, and appends never notice', async () => {
  await Promise.all(range(1, 10).map(() => log.append(draft())));
  const reading = log.read({}).catch((error) => error);
  const dying = threads[1]?.terminate();
  await log.append(draft());
  await dying;
  await reading;
  await works(() => log.read({}));
  expect(positionsOf(await readAll(log))).toEqual(range(1, 11));
});

test('a thread that dies again and again is given up: every call is refused, and closing still ends', async () => {
  const dying = (worker: Worker) => void worker.terminate();
  process.on('worker', dying);
  try {
    await threads[0]?.terminate();
    await until(async () => {
      const error = await log.append(draft()).catch((refusal) => refusal);
      return /is closed|is stopping/.test(String(error.message));
    });
    expect(threads).toHaveLength(5); // the first two and three tries
    expect(await codeOf(log.read({}))).toBe('log_unavailable');
    await log.close();
  } finally {
    process.off('worker', dying);
  }
}, 20_000);
