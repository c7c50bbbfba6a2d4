import { copyFile, mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readAll } from '../conformance/harness.ts';
import type { StoredEvent } from '../envelope.ts';
import { openSqliteLog } from '../sqlite/open.ts';
import { fillLog, flipBit } from '../testing/filled-log.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { verifyLog } from './verify.ts';

const COUNT = 200;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let events: StoredEvent[];
let whole: string;
let file: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  whole = join(directory.path, 'whole', 'log.db');
  events = await fillLog(whole, COUNT);
});
afterAll(() => directory.dispose());
beforeEach(async () => {
  file = await copied();
});

let copies = 0;
async function copied(): Promise<string> {
  const folder = join(directory.path, `copy-${copies++}`);
  await mkdir(folder);
  await copyFile(whole, join(folder, 'log.db'));
  return join(folder, 'log.db');
}

const sound = async (path: string) => {
  const report = await verifyLog(path, { blobs: join(directory.path, 'whole', 'blobs') });
  const { blobs } = report;
  return (
    report.damagedCount === 0 &&
    report.structure.length === 0 &&
    report.chain === 'ok' &&
    blobs.damaged.length + blobs.missing.length === 0
  );
};

test('a log that nothing has happened to is sound, with its head, its events and its blobs', async () => {
  const seen: number[] = [];
  const report = await verifyLog(whole, { onProgress: ({ position }) => seen.push(position) });
  expect(report).toEqual({
    head: COUNT,
    events: COUNT,
    damaged: [],
    damagedCount: 0,
    structure: [],
    chain: 'ok',
    blobs: { checked: 1, damaged: [], missing: [] },
  });
  expect(seen.at(-1)).toBe(COUNT);
});

test('a log that a process has open is not looked at', async () => {
  const log = await openSqliteLog({ file });
  await expect(verifyLog(file)).rejects.toMatchObject({ code: 'log_in_use' });
  await log.close();
});

test('a changed body, a swapped pair, an event taken out and a time set back are all named', async () => {
  const change = async (sql: string, ...values: (string | number)[]) => {
    const path = await copied();
    const db = new DatabaseSync(path);
    db.exec('PRAGMA journal_mode = WAL');
    db.prepare(sql).run(...values);
    db.close();
    return verifyLog(path, { blobs: join(directory.path, 'whole', 'blobs') });
  };
  const body = await change("UPDATE events SET body = replace(body, 'unit/5', 'unit/6') WHERE position = 5");
  expect(body.damaged).toEqual([{ position: 5, why: 'its body does not have its digest' }]);
  const gone = await change('DELETE FROM events WHERE position = 7');
  expect(gone.damaged).toEqual([{ position: 7, why: 'its row cannot be read' }]);
  const swapped = await change(
    'UPDATE events SET body = (SELECT body FROM events WHERE position = 9), digest = (SELECT digest FROM events WHERE position = 9), stub = NULL WHERE position = 8',
  );
  expect(swapped.chain).toEqual({ brokenAt: 1 });
  const time = await change('UPDATE groups SET at = at - 1 WHERE last = 16');
  expect(time.chain).toEqual({ brokenAt: 1 });
  const unit = await change('UPDATE units SET last = last - 1 WHERE id = 3');
  expect(unit.structure.join()).toMatch(/is kept as \d+, it is \d+/);
});

test('a blob that is damaged or gone is named', async () => {
  const blobs = join(directory.path, 'other-blobs');
  expect((await verifyLog(file, { blobs })).blobs.missing).toHaveLength(1);
  const log = await openSqliteLog({ file, blobs });
  const { digest } = await log.putBlob('default', Buffer.from('a blob of the tests'), 'text/plain');
  await log.close();
  const hex = digest.slice('sha256:'.length);
  await flipBit(join(blobs, 'default', hex.slice(0, 2), hex), 3, 1);
  expect((await verifyLog(file, { blobs })).blobs).toEqual({
    checked: 1,
    damaged: [`default/${digest}`],
    missing: [],
  });
});

test('a file that was cut off, is empty or is no database is reported, not thrown', async () => {
  const { size } = await stat(file);
  await truncate(file, size - 5000);
  expect(await sound(file)).toBe(false);
  await truncate(file, 4096 * 3 + 100);
  expect(await sound(file)).toBe(false);
  await writeFile(file, '');
  expect(await sound(file)).toBe(false);
  await writeFile(file, 'no database at all, '.repeat(1000));
  expect(await sound(file)).toBe(false);
  await rm(file);
  expect((await verifyLog(file)).structure).toEqual(['there is no such file']);
});

test('any flipped bit of the file is named, or every event reads as before', async () => {
  const { size } = await stat(whole);
  await fc.assert(
    fc.asyncProperty(fc.nat(size - 1), fc.nat(7), async (offset, bit) => {
      const path = await copied();
      await flipBit(path, offset, bit);
      if (await sound(path)) {
        const log = await openSqliteLog({ file: path });
        expect(await readAll(log)).toEqual(events);
        await log.close();
      }
      await rm(join(path, '..'), { recursive: true });
    }),
    { numRuns: 80 },
  );
}, 120_000);

test('any flipped bit of the write-ahead log is named, or every event reads as before', async () => {
  // A copy of a log that is open is what a killed process leaves.
  const folder = join(directory.path, 'killed');
  await mkdir(folder);
  const killed = join(folder, 'log.db');
  const log = await openSqliteLog({ file: killed });
  for (let n = 0; n < 6; n++) await log.append({ ...eventDraft(n) });
  const db = await readFile(killed);
  const wal = await readFile(`${killed}-wal`);
  const before = await readAll(log);
  await log.close();
  await fc.assert(
    fc.asyncProperty(fc.nat(wal.length - 1), fc.nat(7), async (offset, bit) => {
      const path = join(folder, `${copies++}.db`);
      await writeFile(path, db);
      const flipped = Buffer.from(wal);
      flipped[offset] = (flipped[offset] ?? 0) ^ (1 << bit);
      await writeFile(`${path}-wal`, flipped);
      const report = await verifyLog(path);
      if (report.structure.length === 0 && report.damagedCount === 0 && report.chain === 'ok') {
        const again = await openSqliteLog({ file: path });
        expect(await readAll(again)).toEqual(before);
        await again.close();
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);

function eventDraft(n: number) {
  return {
    id: crypto.randomUUID(),
    source: '/test',
    type: 'thing_happened',
    subject: `thing/${n}`,
    time: '2026-01-02T03:04:05.678Z',
    dataschema: 'tabbify:thing_happened/1',
    data: { n },
    segment: 'tenant_default.things',
    tenant: 'default',
    actor: 'system',
  };
}
