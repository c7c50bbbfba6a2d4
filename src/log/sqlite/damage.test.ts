import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { draft, positionsOf, range } from '../conformance/harness.ts';
import type { StoredEvent } from '../envelope.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { openSqliteLog } from './open.ts';

const PAGE = 4096;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let events: readonly StoredEvent[];
const file = () => join(directory.path, 'log.db');

beforeEach(async () => {
  directory = await temporaryDirectory();
  const log = await openSqliteLog({ file: file() });
  await Promise.all(
    range(1, 300).map((n) =>
      log.append(
        draft({
          actor: n % 3 === 0 ? 'user:a' : 'system',
          data: { text: `marker-${n}-end ${'x'.repeat(400)}` },
        }),
      ),
    ),
  );
  events = (await log.read({ limit: 1000 })).events;
  await log.close();
});
afterEach(() => directory.dispose());

/** Writes bytes over the file where a text stands. */
async function overwrite(text: string, bytes: Buffer, at: (offset: number) => number): Promise<void> {
  const offset = (await readFile(file())).indexOf(text);
  if (offset < 0) throw new Error(`${text} does not stand in the file`);
  await using handle = await open(file(), 'r+');
  await handle.write(bytes, 0, bytes.length, at(offset));
}

const without = (damaged: readonly number[]) => events.filter((event) => !damaged.includes(event.position));

test('an event whose body was changed on disk is left out of pages and named, the others are read', async () => {
  await overwrite('marker-150-end', Buffer.from('M'), (offset) => offset);
  await overwrite('marker-151-end', Buffer.from([0xff]), (offset) => offset + 1);
  const log = await openSqliteLog({ file: file() });
  expect(await log.read({ limit: 1000 })).toEqual({
    events: without([150, 151]),
    next: null,
    head: 300,
    damaged: [150, 151],
  });
  const newest = await log.read({ order: 'newest', before: 153, limit: 3 });
  expect([positionsOf(newest.events), newest.damaged, newest.next]).toEqual([[152], [151, 150], 150]);
  const filtered = await log.read({ actor: 'user:a', limit: 1000 });
  expect(filtered.damaged).toEqual([150]);
  expect(positionsOf(filtered.events)).toEqual(
    range(1, 100)
      .map((n) => 3 * n)
      .filter((n) => n !== 150),
  );
  expect((await log.append(draft())).position).toBe(301);
  await log.close();
});

test('with a whole page of the file destroyed every event on other pages is still read', async () => {
  await overwrite('marker-150-end', Buffer.alloc(PAGE, 0xff), (offset) => offset - (offset % PAGE));
  const log = await openSqliteLog({ file: file() });
  const page = await log.read({ limit: 1000 });
  expect(page.damaged).toContain(150);
  expect(page.damaged.length).toBeLessThan(10);
  expect(page.events).toEqual(without(page.damaged));
  // Which of them the filter would have found cannot be told any more: all are named.
  const filtered = await log.read({ actor: 'user:a', limit: 1000 });
  expect(filtered.damaged).toEqual(page.damaged);
  expect(filtered.events).toEqual(without(page.damaged).filter((event) => event.actor === 'user:a'));
  await log.close();
});

test('lanes that were changed on disk are made from the events again', async () => {
  const log = await openSqliteLog({ file: file() });
  await Promise.all(range(1, 4000).map((n) => log.append(draft({ actor: n === 77 ? 'user:b' : 'system' }))));
  await log.close();
  const db = new DatabaseSync(file());
  db.exec('UPDATE chunks SET lanes = zeroblob(length(lanes))');
  db.close();
  const again = await openSqliteLog({ file: file() });
  expect(positionsOf((await again.read({ actor: 'user:b' })).events)).toEqual([377]);
  expect(positionsOf((await again.read({ actor: 'user:a', limit: 2 })).events)).toEqual([3, 6]);
  await again.close();
});

test('a damaged event is not erased, and does not hold up the erasure of others', async () => {
  const log = await openSqliteLog({ file: file() });
  for (const n of range(1, 6)) {
    await log.append(draft({ class: 'traffic', subject: 'gone', data: { text: `traffic-${n}-end` } }));
  }
  await log.close();
  await overwrite('traffic-1-end', Buffer.from('T'), (offset) => offset);
  const again = await openSqliteLog({ file: file() });
  const steps = [];
  do steps.push(await again.erase({ subject: 'gone', limit: 2 }));
  while (steps.at(-1)?.more && steps.length < 10);
  expect(steps.map(({ erased }) => erased)).toEqual([2, 2, 1]);
  expect((await again.read({ subject: 'gone' })).damaged).toEqual([301]);
  await again.close();
});

test('a log whose write-ahead log lost acknowledged commits is not opened; the last one may have been cut', async () => {
  const log = await openSqliteLog({ file: file() });
  for (const n of range(1, 5)) await log.append(draft({ subject: `late/${n}` }));
  const [db, wal] = [await readFile(file()), await readFile(`${file()}-wal`)];
  await log.close();
  const openWith = async (name: string, changed: Buffer) => {
    const path = join(directory.path, name);
    await writeFile(path, db);
    await writeFile(`${path}-wal`, changed);
    return openSqliteLog({ file: path });
  };
  const flipped = (offset: number) => {
    const changed = Buffer.from(wal);
    changed[offset] = (changed[offset] ?? 0) ^ 1;
    return changed;
  };
  const refused = await openWith('early.db', flipped(32 + 24 + 100)).catch((error) => error);
  expect(refused).toMatchObject({ code: 'log_unavailable' });
  expect(refused.message).toMatch(/write-ahead log 5 commits cannot be read/);
  expect(refused.hint).toContain('tabbify doctor --verify');
  const again = await openWith('late.db', flipped(wal.length - 100));
  expect(await again.head()).toBe(304);
  await again.close();
  const whole = await openWith('whole.db', wal);
  expect(await whole.head()).toBe(305);
  await whole.close();
});
