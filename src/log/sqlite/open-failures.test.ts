import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { draft, range } from '../conformance/harness.ts';
import { lockOrRefuse, openSqliteLog } from '../index.ts';
import { temporaryDirectory } from '../testing/media.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
const file = () => join(directory.path, 'log.db');

beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory.dispose());

test('a file that is not a log is refused and left as it is', async () => {
  await writeFile(
    file(),
    'this is a letter, not a database, and longer than a header of a hundred bytes '.repeat(3),
  );
  const error = await openSqliteLog({ file: file() }).catch((e) => e);
  expect(error).toMatchObject({ code: 'log_unavailable', status: 503 });
  expect(error.message).toContain(file());
  expect(error.message).toContain('not a database');
  lockOrRefuse(file())(); // nobody holds it
});

test('a log in the format of a newer version is refused, and opens again once the lock is free', async () => {
  await (await openSqliteLog({ file: file() })).close();
  const db = new DatabaseSync(file());
  db.exec('PRAGMA user_version = 99');
  const error = await openSqliteLog({ file: file() }).catch((e) => e);
  expect(error.message).toContain('it has format 99');
  db.exec('PRAGMA user_version = 2');
  db.close();
  const log = await openSqliteLog({ file: file() });
  await log.close();
});

test('another connection may read the log while it is open', async () => {
  const log = await openSqliteLog({ file: file() });
  await Promise.all(range(1, 10).map(() => log.append(draft())));
  const reader = new DatabaseSync(file(), { readOnly: true });
  expect(reader.prepare('SELECT count(*) AS n FROM events').get()).toEqual({ n: 10 });
  reader.close();
  await log.close();
});

test('closing answers the appends that were handed in before', async () => {
  const log = await openSqliteLog({ file: file() });
  const appended = range(1, 100).map(() => log.append(draft()));
  const closed = log.close();
  expect(await Promise.all(appended)).toHaveLength(100);
  await closed;
});
