import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startChild } from '../../kit/index.ts';
import { codeOf, draft, positionsOf, range, readAll, readPages } from '../conformance/harness.ts';
import { verifyLog } from '../integrity/verify.ts';
import { writeFormat1 } from '../testing/format-1.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { until } from '../testing/until.ts';
import { openSqliteLog } from './open.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
const file = () => join(directory.path, 'log.db');

beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory.dispose());

test('a log of the version before opens with every event as it was, and goes on', async () => {
  const events = writeFormat1(file(), 5000);
  const log = await openSqliteLog({ file: file() });
  expect(await readAll(log)).toEqual(events);
  const last = events.at(-1);
  if (last === undefined) throw new Error('the file is empty');
  const { position, specversion, ...repeated } = last;
  expect(await log.append(repeated)).toEqual({ position, duplicate: true });
  const unit = { subject: last.subject, segment: last.segment };
  expect(await codeOf(log.append(draft(unit), { expectedPosition: 1 }))).toBe('position_conflict');
  expect((await log.append(draft(unit), { expectedPosition: 5000 })).position).toBe(5001);
  const filtered = await readPages(log, {
    actor: 'user:owner',
    tenants: ['other'],
    types: ['said'],
    before: 5001,
  });
  expect(positionsOf(filtered)).toEqual(
    positionsOf(events.filter((e) => e.actor === 'user:owner' && e.tenant === 'other' && e.type === 'said')),
  );
  await log.close();
  expect(await verifyLog(file())).toMatchObject({ events: 5001, damaged: [], structure: [], chain: 'ok' });
});

test('the time that writers gave stands for the clock, made never to go back and never beyond now', async () => {
  const events = writeFormat1(file(), 100);
  const now = Date.parse(events[79]?.time ?? '');
  const log = await openSqliteLog({ file: file(), clock: { now: () => now } });
  for (const n of [10, 50, 75]) {
    const since = await readPages(log, { since: events[n - 1]?.time ?? '' });
    // The seventh is said to be a minute older than its neighbours: it is taken for as young as the one before.
    expect(since[0]?.position).toBe(n);
    expect(since).toHaveLength(100 - n + 1);
  }
  expect(await readPages(log, { since: new Date(now + 1).toISOString() })).toEqual([]);
  expect(positionsOf(await readPages(log, { since: new Date(now).toISOString() }))).toEqual(range(80, 100));
  await log.close();
});

test('an empty log of the version before opens', async () => {
  writeFormat1(file(), 0);
  const log = await openSqliteLog({ file: file() });
  expect((await log.append(draft())).position).toBe(1);
  await log.close();
});

test('a body that was damaged before is kept and named, the others are read', async () => {
  const events = writeFormat1(file(), 20);
  const db = new DatabaseSync(file());
  db.exec('UPDATE events SET body = substr(body, 2) WHERE position = 7');
  db.close();
  const log = await openSqliteLog({ file: file() });
  const page = await log.read({});
  expect(page.damaged).toEqual([7]);
  expect(page.events).toEqual(events.filter((event) => event.position !== 7));
  await log.close();
});

test('a process that is killed while it migrates leaves the file in the old format, and the next one does it', async () => {
  const events = writeFormat1(file(), 30_000);
  const script = fileURLToPath(new URL('../testing/open-log.ts', import.meta.url));
  const child = startChild(process.execPath, [script, file()], {
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout?.on('data', (chunk) => {
    printed += String(chunk);
  });
  const closed = once(child, 'close');
  // What does not fit into memory is written before the commit: it is under way.
  const wal = `${file()}-wal`;
  await until(() => existsSync(wal) && statSync(wal).size > 1_000_000);
  child.kill('SIGKILL');
  await closed;
  expect(printed).toBe('opening\n');
  const db = new DatabaseSync(file());
  expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
  expect(db.prepare('SELECT count(*) AS n FROM events').get()).toEqual({ n: 30_000 });
  db.close();
  const log = await openSqliteLog({ file: file() });
  expect(await readAll(log)).toEqual(events);
  await log.close();
}, 60_000);
