import { mkdtemp, rm, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventPage, openSqliteLog, type SqliteLog, verifyLog } from '../../../src/log/index.ts';
import { drillDraft } from '../damage/sample.ts';
import { Broken, type Drill, expectKept } from '../drill.ts';
import { type Random, seeded } from '../random.ts';

const GB = 1024 ** 3;
/** The log, its write-ahead log, and room to breathe. */
const NEEDED = 11 * GB;
const WANTED = 10 * GB;

/** Bounds that hold whatever the size: what they bound looks at a few pages of the file. */
const OPEN_MS = 5_000;
const PAGE_MS = 500;
const RSS_MB = 600;

/** A log of 10 GB opens, answers and is appended to like a small one. */
export const huge: Drill = {
  name: 'huge',
  what: `a log of ${WANTED / GB} GB (needs ${NEEDED / GB} GB of disk for a while)`,
  async run({ seed, say }) {
    const { bavail, bsize } = await statfs(tmpdir());
    if (bavail * bsize < NEEDED) {
      throw new Broken(
        `${tmpdir()} has ${((bavail * bsize) / GB).toFixed(1)} GB left, ${NEEDED / GB} GB are needed: set TMPDIR to a larger disk`,
      );
    }
    const directory = await mkdtemp(join(tmpdir(), 'tabbify-huge-'));
    try {
      return { rounds: 1, seen: await tryHuge(join(directory, 'log.db'), WANTED, seeded(seed), say) };
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

/** @returns what was seen, in words */
async function tryHuge(
  file: string,
  bytes: number,
  random: Random,
  say: (text: string) => void,
): Promise<string> {
  const [writeMs, count] = await timed(() => fill(file, bytes, random, say));
  let log: SqliteLog | null = null;
  const peak = watchMemory();
  try {
    const [openMs, opened] = await timed(() => openSqliteLog({ file }));
    log = opened;
    expectKept(openMs < OPEN_MS, `it takes ${openMs.toFixed(0)} ms to open`);
    const pageMs = await readPages(log, count);
    const [appendMs] = await timed(() =>
      Promise.all(drafts(random, 200, 500).map((draft) => opened.append(draft))),
    );
    expectKept(appendMs < 10 * PAGE_MS, `200 appends take ${appendMs.toFixed(0)} ms`);
    await log.close();
    log = null;
    let told = 0;
    const onProgress = ({ position, head }: { position: number; head: number }) => {
      if (++told % 50 === 0) say(`huge: verified ${position} of ${head}`);
    };
    const [verifyMs, report] = await timed(() => verifyLog(file, { onProgress }));
    expectKept(
      report.damagedCount === 0 && report.chain === 'ok',
      () => `verified as ${JSON.stringify(report)}`,
    );
    expectKept(told > 0, 'a verification does not tell how far it is');
    const rss = peak();
    expectKept(rss < RSS_MB, `${rss.toFixed(0)} MB of memory`);
    return [
      `${count} events, written in ${seconds(writeMs)}`,
      `open ${openMs.toFixed(0)} ms`,
      `slowest page ${pageMs.toFixed(0)} ms`,
      `200 appends ${appendMs.toFixed(0)} ms`,
      `verified in ${seconds(verifyMs)}`,
      `${rss.toFixed(0)} MB`,
    ].join(', ');
  } finally {
    await log?.close();
    peak();
  }
}

/** Events of class traffic with bodies near the bound, many at once. */
async function fill(
  file: string,
  bytes: number,
  random: Random,
  say: (text: string) => void,
): Promise<number> {
  const log = await openSqliteLog({ file });
  let count = 0;
  for (let written = 0, told = 0; written < bytes; ) {
    const batch = drafts(random, 250, 30_000);
    await Promise.all(batch.map((draft) => log.append(draft)));
    count += batch.length;
    written = (await stat(file)).size;
    if (written - told > GB) {
      told = written;
      say(`huge: ${(written / GB).toFixed(1)} GB written`);
    }
  }
  await log.close();
  return count;
}

/** @param letters of the body, two bytes each */
function drafts(random: Random, count: number, letters: number) {
  return Array.from({ length: count }, () => {
    const draft = drillDraft(random, 0);
    return { ...draft, class: 'traffic' as const, data: { text: 'é'.repeat(letters) } };
  });
}

/** First, last and filtered pages. @returns milliseconds of the slowest */
async function readPages(log: SqliteLog, count: number): Promise<number> {
  const middle = Math.floor(count / 2);
  const questions: (() => Promise<EventPage>)[] = [
    () => log.read({ limit: 10 }),
    () => log.read({ order: 'newest', limit: 10 }),
    () => log.read({ after: middle, limit: 10 }),
    () => log.read({ subject: 'thing/7', limit: 10 }),
    () => log.read({ subject: 'thing/7', order: 'newest', limit: 10 }),
    () =>
      log.read({
        types: ['DrillCounted'],
        segments: ['tenant_default.drill.beta'],
        after: middle,
        limit: 10,
      }),
    () => log.read({ actor: 'user:owner', order: 'newest', limit: 10 }),
  ];
  let slowest = 0;
  for (const ask of questions) {
    const [ms, { events }] = await timed(ask);
    expectKept(events.length > 0, 'a page is empty');
    expectKept(ms < PAGE_MS, `a page takes ${ms.toFixed(0)} ms: ${ask}`);
    slowest = Math.max(slowest, ms);
  }
  return slowest;
}

/** @returns ends it and answers the largest resident memory in MB */
function watchMemory(): () => number {
  let most = 0;
  const look = () => {
    most = Math.max(most, process.memoryUsage.rss());
  };
  const timer = setInterval(look, 100);
  return () => {
    look();
    clearInterval(timer);
    return most / 1024 / 1024;
  };
}

async function timed<T>(work: () => Promise<T>): Promise<[number, T]> {
  const started = performance.now();
  const result = await work();
  return [performance.now() - started, result];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(0)} s`;
}
