import { copyFile, cp, mkdir, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { draft, positionsOf, range, readAll } from '../conformance/harness.ts';
import type { StoredEvent } from '../envelope.ts';
import { openSqliteLog } from '../sqlite/open.ts';
import { fillLog, flipBit } from '../testing/filled-log.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { repairLog } from './repair.ts';
import { verifyLog } from './verify.ts';

const COUNT = 200;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
/** As it was before anything happened to it. */
let whole: string;
/** A copy made when it had fewer events, and before some were erased. */
let older: string;
let events: StoredEvent[];

beforeAll(async () => {
  directory = await temporaryDirectory();
  older = join(directory.path, 'older', 'log.db');
  await fillLog(older, COUNT - 40);
  await cp(dirname(older), join(directory.path, 'whole'), { recursive: true });
  whole = join(directory.path, 'whole', 'log.db');
  const log = await openSqliteLog({ file: whole });
  for (const n of range(1, 40)) await log.append(draft({ subject: `late/${n}` }));
  await log.erase({ subject: 'unit/4' });
  events = await readAll(log);
  await log.close();
});
afterAll(() => directory.dispose());

let copies = 0;
async function copied(): Promise<string> {
  const folder = join(directory.path, `copy-${copies++}`);
  await mkdir(folder);
  await copyFile(whole, join(folder, 'log.db'));
  await cp(join(directory.path, 'whole', 'blobs'), join(folder, 'blobs'), { recursive: true });
  return join(folder, 'log.db');
}

function change(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

const eventsOf = async (file: string) => {
  const log = await openSqliteLog({ file });
  const all = await readAll(log);
  await log.close();
  return all;
};

const isSound = async (file: string) => {
  const report = await verifyLog(file);
  expect(report).toMatchObject({ damaged: [], structure: [], chain: 'ok', head: COUNT, events: COUNT });
};

test('damaged events come back from a backup, and what was erased since it was made stays erased', async () => {
  const file = await copied();
  const erased = events.filter((event) => event.erased && event.subject === 'unit/4').map((e) => e.position);
  const wanted = [5, 6, ...erased.slice(0, 2)].sort((a, b) => a - b);
  change(
    file,
    `UPDATE events SET body = 'x' || body WHERE position IN (${wanted.join(',')}); DELETE FROM events WHERE position = ${wanted.at(-1)}`,
  );
  const result = await repairLog({ file, backup: older });
  expect(result).toMatchObject({ head: COUNT, lost: [], unproven: [], blobs: { restored: [], lost: [] } });
  expect([...result.restored]).toEqual(wanted);
  expect(await eventsOf(file)).toEqual(events);
  await isSound(file);
  expect((await stat(result.damagedFile)).size).toBeGreaterThan(0);
  expect((await readdir(dirname(file))).filter((name) => /repair|mended/.test(name))).toEqual([]);
});

test('commits whose own record the disk changed take nothing with them when a copy is whole', async () => {
  const file = await copied();
  const db = new DatabaseSync(file);
  const lasts = db.prepare('SELECT last FROM groups WHERE last < 100 ORDER BY last').all();
  db.close();
  const [before, own] = lasts.slice(-5).map(({ last }) => Number(last)) as [number, number];
  change(
    file,
    `UPDATE groups SET chain = zeroblob(32) WHERE last = ${before};
     UPDATE groups SET last = last * 1000 WHERE last = ${before - 1};
     DELETE FROM events WHERE position = ${own}`,
  );
  const result = await repairLog({ file, backup: older });
  expect(result).toMatchObject({ head: COUNT, lost: [], unproven: [], restored: [own] });
  expect(await eventsOf(file)).toEqual(events);
  await isSound(file);
});

test('an event that the disk moved to the place of another gives way to what a copy proves', async () => {
  const file = await copied();
  const db = new DatabaseSync(file);
  const found = db.prepare('SELECT last FROM groups WHERE last BETWEEN 40 AND 120 ORDER BY last').all();
  const lasts = found.map(({ last }) => Number(last));
  const last = lasts.find((one, index) => one - (lasts[index - 1] ?? one) > 2) ?? 0;
  db.close();
  expect(last).toBeGreaterThan(0);
  change(
    file,
    `DELETE FROM events WHERE position = ${last - 1}; UPDATE events SET position = ${last - 1} WHERE position = ${last}`,
  );
  const result = await repairLog({ file, backup: whole });
  expect(result).toMatchObject({ head: COUNT, lost: [], restored: [last - 1, last] });
  expect(await eventsOf(file)).toEqual(events);
  await isSound(file);
});

test('without a backup what is lost is named and nothing is changed; accepted, tombstones stand there', async () => {
  const file = await copied();
  change(file, `DELETE FROM events WHERE position = 17; UPDATE events SET body = '{}' WHERE position = 180`);
  const before = await readFile(file);
  const refused = await repairLog({ file }).catch((error) => error);
  expect(refused).toMatchObject({ code: 'event_damaged' });
  expect(refused.message).toContain('2 events would be lost: 17, 180');
  expect(await readFile(file)).toEqual(before);

  const result = await repairLog({ file, acceptLoss: true });
  expect(result.lost).toEqual([17, 180]);
  await isSound(file);
  const after = await eventsOf(file);
  const expected = events.filter((event) => event.position !== 17 && event.position !== 180);
  expect(after.filter((event) => event.type !== 'event_lost')).toEqual(expected);
  const lost = after.filter((event) => event.type === 'event_lost');
  expect(positionsOf(lost)).toEqual([17, 180]);
  expect(lost[0]).toMatchObject({ class: 'traffic', data: {}, erased: `sha256:${'0'.repeat(64)}` });
  expect(lost[1]?.erased).not.toBe(lost[0]?.erased); // the digest of the one whose row was there is known
});

test('a digest that was flipped, and everything derived, is put right without a backup', async () => {
  const file = await copied();
  change(
    file,
    `UPDATE events SET digest = zeroblob(32) WHERE position = 100 AND stub IS NULL;
     UPDATE units SET last = 1; DELETE FROM refs; DELETE FROM counters;
     UPDATE events SET stream = 1 WHERE position = 50; DROP INDEX events_by_id`,
  );
  const result = await repairLog({ file });
  expect(result).toMatchObject({ restored: [], lost: [], unproven: [] });
  expect(await eventsOf(file)).toEqual(events);
  await isSound(file);
});

test('a backup of another log, or one that was changed, is not believed', async () => {
  const file = await copied();
  change(file, 'DELETE FROM events WHERE position = 9');
  const other = join(directory.path, 'other', 'log.db');
  await fillLog(other, COUNT);
  const refused = await repairLog({ file, backup: other }).catch((error) => error);
  expect(refused.message).toContain('not a copy of this log');

  const changed = join(directory.path, 'changed.db');
  await copyFile(older, changed);
  change(
    changed,
    `UPDATE events SET body = (SELECT body FROM events WHERE position = 10), digest = (SELECT digest FROM events WHERE position = 10), stub = NULL WHERE position = 9`,
  );
  await expect(repairLog({ file, backup: changed })).rejects.toMatchObject({ code: 'event_damaged' });
});

test('a damaged or missing blob comes back from the backup', async () => {
  const file = await copied();
  const blobs = join(dirname(file), 'blobs');
  const [name = ''] = (await readdir(blobs, { recursive: true })).filter((path) => path.length > 64);
  await flipBit(join(blobs, name), 0, 0);
  const result = await repairLog({ file, backup: older });
  expect(result.blobs).toEqual({ restored: [expect.stringContaining('default/sha256:')], lost: [] });
  expect((await verifyLog(file)).blobs).toMatchObject({ checked: 1, damaged: [], missing: [] });
});

test('a file cut off at any place, with a copy that is whole, reads as before', async () => {
  const { size } = await stat(whole);
  await fc.assert(
    fc.asyncProperty(fc.nat(size - 1), async (length) => {
      const file = await copied();
      await truncate(file, length);
      await repairLog({ file, backup: whole });
      const kept = ({ class: kind }: StoredEvent) => kind !== 'traffic';
      expect((await eventsOf(file)).filter(kept)).toEqual(events.filter(kept));
      await rm(dirname(file), { recursive: true });
    }),
    { numRuns: 6, examples: [[size - 4096], [size - 1], [100], [0]] },
  );
}, 120_000);

test('whatever bits are flipped, with a copy that is whole every event reads as before', async () => {
  const { size } = await stat(whole);
  const flip = fc.tuple(fc.oneof(fc.nat(size - 1), fc.nat(4095)), fc.nat(7));
  await fc.assert(
    fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 6 }), async (flips) => {
      const file = await copied();
      for (const [offset, bit] of flips) await flipBit(file, offset, bit);
      const { restored } = await repairLog({ file, backup: whole });
      const after = await eventsOf(file);
      // Traffic of which nothing tells any more whether it was erased is a tombstone.
      const doubtful = ({ position, class: kind, erased }: StoredEvent) =>
        kind === 'traffic' && erased !== undefined && restored.includes(position);
      expect(after.filter((event) => !doubtful(event))).toEqual(
        events.filter((_, index) => !doubtful(after[index] as StoredEvent)),
      );
      await isSound(file);
      await rm(dirname(file), { recursive: true });
    }),
    { numRuns: 10 },
  );
}, 120_000);

test('whatever bit is flipped, without a copy an event reads as before or is named as lost', async () => {
  const { size } = await stat(whole);
  await fc.assert(
    fc.asyncProperty(fc.nat(size - 1), fc.nat(7), async (offset, bit) => {
      const file = await copied();
      await flipBit(file, offset, bit);
      const result = await repairLog({ file, acceptLoss: true }).catch((error) => error);
      if (!(result instanceof Error)) {
        const after = await eventsOf(file);
        const kept = after.filter((event) => !result.lost.includes(event.position));
        expect(kept).toEqual(events.filter((event) => !result.lost.includes(event.position)));
        expect(after).toHaveLength(COUNT);
      } else expect(result).toMatchObject({ code: 'log_unavailable' });
      await rm(dirname(file), { recursive: true });
    }),
    { numRuns: 10 },
  );
}, 120_000);
