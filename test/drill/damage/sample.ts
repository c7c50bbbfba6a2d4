import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type EventDraft,
  type EventPage,
  type LogStore,
  openSqliteLog,
  type ReadQuery,
  type StoredEvent,
} from '../../../src/log/index.ts';
import { uuidOf } from '../kill/writer.ts';
import type { Random } from '../random.ts';
import { FRAME_HEADER, readWal, WAL_HEADER } from './wal.ts';

/** How far the write-ahead log reached when an append was acknowledged: what lies before was on disk. */
interface Mark {
  readonly salt: string;
  readonly end: number;
  readonly head: number;
}

/** The files of a log as a power cut would find them, and what they hold. */
export interface Sample extends AsyncDisposable {
  /** Where they lie; to be copied, not to be opened. */
  readonly directory: string;
  /** The event at position n stands at n - 1. */
  readonly events: readonly StoredEvent[];
  /** Digests of what events name. */
  readonly blobs: readonly string[];
  /** What `answersOf` the whole log is. */
  readonly answers: string;
  /** Byte of the write-ahead log up to which it was copied into the database; all of that was on disk before. */
  readonly copied: number;
  /** Last position that is promised when the write-ahead log is cut at this byte. */
  promisedAt(cut: number): number;
}

/** An event of the drill: of either class, for one of a few units. */
export function drillDraft(random: Random, longest = 3000): EventDraft {
  const type = random.pick(['DrillNoted', 'DrillCounted']);
  return {
    id: uuidOf(random),
    source: '/drill',
    type,
    subject: `thing/${random.int(1, 20)}`,
    time: '2026-01-02T03:04:05.678Z',
    dataschema: `tabbify:${type}/1`,
    data: { text: 'é'.repeat(random.int(0, longest / 2)), number: random.int(0, 1e6) },
    segment: `tenant_default.drill.${random.pick(['alpha', 'beta'])}`,
    tenant: 'default',
    actor: random.pick(['user:owner', 'system']),
    ...(random.int(1, 2) === 1 ? { class: 'traffic' } : {}),
  };
}

/** @param groups commits, of one to twelve events each */
export async function makeSample(groups: number, random: Random, closed = false): Promise<Sample> {
  const directory = await mkdtemp(join(tmpdir(), 'tabbify-sample-'));
  const working = join(directory, 'working');
  const file = join(working, 'log.db');
  const log = await openSqliteLog({ file });
  const marks: Mark[] = [];
  const blobs: string[] = [];
  for (let group = 0; group < groups; group++) {
    const drafts = Array.from({ length: random.int(1, 12) }, () => drillDraft(random));
    if (group % 10 === 0) {
      const bytes = randomBytesOf(random, random.int(1, 5000));
      const { digest } = await log.putBlob('default', bytes, 'application/octet-stream');
      drafts.push({ ...drillDraft(random), dataref: digest });
      blobs.push(digest);
    }
    const results = await Promise.all(drafts.map((draft) => log.append(draft)));
    const wal = await readWal(file);
    const head = Math.max(...results.map(({ position }) => position));
    marks.push({ salt: wal?.salt ?? '', end: wal?.end ?? 0, head });
  }
  const { events } = await readAll(log, {});
  const answers = await answersOf(log, blobs);
  if (closed) await log.close();
  const copied = await copiedOf(file);
  const kept = join(directory, 'kept');
  // nothing is under way: what lies there is what a cut would leave, the shared memory beside it goes with the power
  await cp(working, kept, { recursive: true, filter: (path) => !/-shm$|\.lock/.test(path) });
  if (!closed) await log.close();
  const last = marks.at(-1)?.salt;
  return {
    directory: kept,
    events,
    blobs,
    answers,
    copied,
    promisedAt(cut) {
      const before = marks.filter(({ salt }) => salt !== last).at(-1)?.head ?? 0;
      return marks.filter(({ salt, end }) => salt === last && end <= cut).at(-1)?.head ?? before;
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** @param file a log that is open */
async function copiedOf(file: string): Promise<number> {
  const shared = await readFile(`${file}-shm`).catch(() => Buffer.alloc(0));
  const { pageSize = 0 } = (await readWal(file)) ?? {};
  // nBackfill of the checkpoint's own words (https://www.sqlite.org/walformat.html), in the machine's byte order
  return shared.length < 100 ? 0 : WAL_HEADER + shared.readUInt32LE(96) * (FRAME_HEADER + pageSize);
}

function randomBytesOf(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.int(0, 255));
}

/** Every event that passes, and the positions that are named as damaged. */
export async function readAll(log: Pick<LogStore, 'read'>, query: ReadQuery) {
  const events: StoredEvent[] = [];
  const damaged: number[] = [];
  let head = 0;
  for (let after: number | null = 0; after !== null; ) {
    const page: EventPage = await log.read({ ...query, after, limit: 500 });
    events.push(...page.events);
    damaged.push(...page.damaged);
    head = page.head;
    after = page.next;
  }
  return { events, damaged, head };
}

/** Questions of every kind, so that nothing a reader can ask for is left out. */
const QUESTIONS: readonly ReadQuery[] = [
  {},
  { segments: ['tenant_default.drill.alpha'] },
  { segments: ['tenant_*.drill.*'], types: ['DrillCounted'] },
  { subject: 'thing/7' },
  { actor: 'user:owner' },
  { class: 'traffic' },
  { class: 'office', tenants: ['default'] },
];

/** All that a log answers, as one text: two logs that hold the same give the same. */
export async function answersOf(log: LogStore, blobs: readonly string[]): Promise<string> {
  const texts: string[] = [];
  for (const question of QUESTIONS) texts.push(JSON.stringify(await readAll(log, question)));
  texts.push(JSON.stringify(await log.read({ order: 'newest', limit: 1000 })));
  for (const blob of blobs) texts.push(Buffer.from(await log.readBlob('default', blob)).toString('base64'));
  return texts.join('\n');
}

/** A copy of the sample to break. */
export async function copyOf(sample: Sample): Promise<{ readonly file: string } & AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), 'tabbify-broken-'));
  await cp(sample.directory, directory, { recursive: true });
  return {
    file: join(directory, 'log.db'),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
