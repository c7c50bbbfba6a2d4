import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { draft, range } from '../conformance/harness.ts';
import { openSqliteLog } from '../index.ts';
import { temporaryDirectory } from '../testing/media.ts';
import { until } from '../testing/until.ts';
import { createCheckpoints } from './checkpoints.ts';

const row = { ...draft(), body: 'x'.repeat(40_960), expected: null };

test('a checkpoint is asked for about every thousand pages, and not while one is under way', async () => {
  const running: PromiseWithResolvers<void>[] = [];
  const checkpoints = createCheckpoints(() => {
    const one = Promise.withResolvers<void>();
    running.push(one);
    return one.promise;
  });
  for (const _ of range(1, 49)) checkpoints.note([row]);
  expect(running).toHaveLength(0);
  for (const _ of range(1, 100)) checkpoints.note([row]);
  expect(running).toHaveLength(1);
  running[0]?.resolve();
  await new Promise(setImmediate);
  expect(running).toHaveLength(2); // for those that came meanwhile
});

test('what is appended comes into the database while the log is open, before SQLite would do it within a commit', async () => {
  const directory = await temporaryDirectory();
  const file = join(directory.path, 'log.db');
  const log = await openSqliteLog({ file });
  const empty = (await stat(file)).size;
  const text = 'x'.repeat(50_000);
  await Promise.all(range(1, 200).map((n) => log.append(draft({ data: { n, text } }))));
  await until(async () => (await stat(file)).size > empty + 200 * 25_000);
  expect((await stat(`${file}-wal`)).size).toBeLessThan(8000 * 4096);
  await log.close();
  const db = new DatabaseSync(file, { readOnly: true });
  expect(db.prepare('SELECT count(*) AS n FROM events').get()?.n).toBe(200);
  db.close();
  await directory.dispose();
});
