import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type Random, seeded } from '../random.ts';
import { type Kind, type LoadOptions, now, type Sample } from './sample.ts';
import { createVisits } from './visits.ts';

/**
 * A crowd that comes at its own pace, as a process of its own: `node load.ts <LoadOptions as JSON>`. An open loop: what is
 * due is sent whether or not the answers have come. Prints `under way`, and from SIGTERM on sends nothing more, waits for the
 * answers, writes the samples and ends.
 */
const options = JSON.parse(process.argv[2] ?? '{}') as LoadOptions;
const visits = createVisits(options);
const random = seeded(options.seed);
const samples: Sample[] = [];
const pending = new Set<Promise<void>>();
const ended = new AbortController();
process.once('SIGTERM', () => ended.abort());

/** Of a hundred requests, so many of each kind. */
const MIX: readonly (readonly [Exclude<Kind, 'rare' | 'stream' | 'download'>, number])[] = [
  ['get', 60],
  ['post', 20],
  ['get-new', 14],
  ['post-new', 6],
];
/** Seldom visitors come back after a pause about as long as idle connections are kept within the office, and longer. */
const RARE_MS = [500, 6_000] as const;
const MAX_BODY = 16_000;

await visits.make('get', 0);
process.stdout.write('under way\n');
const crowd = [pace(), seldom(random.fork())];
for (let index = 0; index < options.streams; index += 1)
  crowd.push(streams(index % 2 === 0 ? 'stream' : 'download', random.fork()));
await Promise.all(crowd);
await Promise.all(pending);
writeFileSync(options.output, JSON.stringify(samples));
process.exit(0);

async function pace(): Promise<void> {
  const begun = now();
  const gap = 1000 / (options.perSecond - options.burst);
  let sent = 0;
  let seconds = 0;
  while (!ended.signal.aborted) {
    for (; begun + sent * gap <= now(); sent += 1) note(kind(), begun + sent * gap);
    for (; begun + seconds * 1000 <= now(); seconds += 1)
      for (let one = 0; one < options.burst; one += 1) note(kind(), begun + seconds * 1000);
    await wait(1);
  }
}

function kind() {
  let left = random.int(1, 100);
  for (const [each, share] of MIX) {
    left -= share;
    if (left <= 0) return each;
  }
  return 'get';
}

async function seldom(own: Random): Promise<void> {
  while (!ended.signal.aborted) {
    await wait(own.int(...RARE_MS), undefined, { signal: ended.signal }).catch(() => {});
    if (!ended.signal.aborted) await note('rare', now());
  }
}

async function streams(each: 'stream' | 'download', own: Random): Promise<void> {
  while (!ended.signal.aborted) {
    const ms = own.int(...options.streamMs);
    await noteOf(each, now(), async () => {
      await visits[each](ms, ended.signal);
      return null;
    });
  }
}

function note(each: Exclude<Kind, 'stream' | 'download'>, due: number): Promise<void> {
  const bytes = random.int(1, MAX_BODY);
  return noteOf(each, due, () => visits.make(each, bytes));
}

function noteOf(each: Kind, due: number, visit: () => Promise<string | null>): Promise<void> {
  const sent = now();
  const add = (served: string | null, failure: string | null): void =>
    void samples.push({ kind: each, due, sent, ended: now(), served, failure });
  const one: Promise<void> = visit()
    .then(
      (served) => add(served, null),
      (error: NodeJS.ErrnoException) => add(null, `${error.code ?? ''} ${error.message}`.trim()),
    )
    .finally(() => pending.delete(one));
  pending.add(one);
  return one;
}
