import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLogger } from '../../kit/index.ts';
import { openSqliteLog, type SqliteLog } from '../../log/index.ts';
import { canonicalJson, domainEvent, stateDocument } from '../../state/index.ts';
import { followState, type LiveState } from '../live-state.ts';
import { createSnapshots, type Snapshots } from './snapshots.ts';

const logger = silentLogger();
let home: string;
let log: SqliteLog;
let snapshots: Snapshots;
let live: LiveState;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'tabbify-snapshots-'));
  log = await openSqliteLog({ file: join(home, 'log.db') });
  await begin();
});
afterEach(async () => {
  await end();
  await log.close();
  await rm(home, { recursive: true, force: true });
});

async function begin(): Promise<void> {
  snapshots = await createSnapshots({ home, log, logger, every: 20, restMs: 0 });
  live = await followState(log, logger, await snapshots.load());
  await snapshots.keep(live);
}

async function end(): Promise<void> {
  await live.close();
  await snapshots.close();
}

/** Hosts join; every third event is of class traffic. */
async function happen(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const name = `host-${Math.floor(Math.random() * 1e9)}`;
    const said = { actor: `supervisor:${name}`, source: `/supervisors/${name}` };
    const joined = domainEvent('supervisor_joined', { name, tags: ['worker'] }, said);
    const { position } = await log.append(
      n % 3 === 2 ? { ...joined, type: 'heard', dataschema: 'tabbify:heard/1', class: 'traffic' } : joined,
    );
    await live.reached(position);
  }
}

const positions = async () => {
  const names = await readdir(join(home, 'snapshots')).catch(() => []);
  return names.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b);
};
const documentNow = () => canonicalJson(stateDocument(live.office, 'default'));
const documentAt = async (at: number) =>
  Buffer.from(await snapshots.documentAt(at, 'default', new AbortController().signal)).toString();

test('snapshots are written behind the office, the newest three are kept, and each leads to the same state', async () => {
  for (const expected of [[20], [20, 40], [20, 40, 60], [40, 60, 80]]) {
    await happen(20);
    await vi.waitFor(async () => expect(await positions()).toEqual(expected), 10_000);
  }
  await happen(7);
  const now = documentNow();
  expect(await documentAt(87)).toBe(now);
  await end();
  expect(await positions()).toEqual([60, 80, 87]);
  await begin();
  expect(documentNow()).toBe(now);
  await rm(join(home, 'snapshots'), { recursive: true });
  expect(await documentAt(87)).toBe(now);
});

test('what a killed writer left is swept away with the next snapshot', async () => {
  await happen(21);
  await vi.waitFor(async () => expect(await positions()).toEqual([20]), 10_000);
  const left = join(home, 'snapshots', '33.snapshot.0191e7c2-1111-7222-8333-444455556666.tmp');
  await writeFile(left, 'half');
  await end();
  await begin();
  expect(await positions()).toEqual([20, 21]);
});

test('who asks for the office as it was and goes away ends the fold, and the next is served', async () => {
  await happen(30);
  const gone = new AbortController();
  const asked = snapshots.documentAt(30, 'default', gone.signal);
  const next = snapshots.documentAt(10, 'default', new AbortController().signal);
  gone.abort(new Error('gone'));
  await expect(asked).rejects.toThrow('gone');
  expect(JSON.parse(Buffer.from(await next).toString()).position).toBe(10);
});

test('a page of the log is asked for while the one before is folded', async () => {
  await happen(12);
  const asked: number[] = [];
  const done: number[] = [];
  const slow = {
    async read(query: Parameters<SqliteLog['read']>[0]) {
      asked.push(query.after ?? 0);
      const page = await log.read({ ...query, limit: 3 });
      done.push(query.after ?? 0);
      return page;
    },
  };
  const { officePages } = await import('../office-pages.ts');
  for await (const page of officePages(slow, 0)) {
    if (page.next !== null) expect(asked).toContain(page.next);
    expect(page.events.every((event) => event.class === undefined)).toBe(true);
  }
  expect(done).toHaveLength(asked.length);
});
