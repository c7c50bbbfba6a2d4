import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { get } from '../../e2e/get.ts';
import { TestOffice } from '../../e2e/office.ts';
import { buildFsyncDelay } from '../../faults/fsync-delay.ts';
import { type Drill, expectKept } from '../drill.ts';
import { checkFollowers, checkOrder, checkPromises, readLog } from '../kill/check.ts';
import { follow } from '../kill/follower.ts';
import { createLedger } from '../kill/ledger.ts';
import { publishOnce } from '../kill/publisher.ts';
import { createSite, type Site } from '../kill/site.ts';
import { uuidOf, write } from '../kill/writer.ts';
import { type Random, seeded } from '../random.ts';
import { until } from '../until.ts';

/** Milliseconds by which every fsync is late. */
const DELAYS = [4, 20];
const VISITS = 150;
/** How often both are measured again where the first look speaks against it; the middle of all counts. */
const TURNS = 4;

interface Measured {
  /** Median of a visit while others write, milliseconds. */
  readonly visitMs: number;
  readonly appended: number;
  readonly fsyncs: number;
  readonly holds: readonly string[];
}

/** The disk takes its time: the office works, and who only visits does not notice. */
export const fsync: Drill = {
  name: 'fsync',
  what: `every fsync takes ${DELAYS.join(' or ')} ms longer`,
  async run({ rounds, seed }) {
    const wanted = rounds ?? 3;
    return { rounds: wanted, seen: await onSlowDisks(DELAYS, wanted, seed) };
  },
};

/** @returns what was seen in the last round, in words */
export async function onSlowDisks(delays: readonly number[], rounds: number, seed: number): Promise<string> {
  await using library = await buildFsyncDelay();
  let seen: string[] = [];
  for (let round = 0; round < rounds; round++) {
    seen = [];
    const quick = await work(seeded(seed + round), () => ({}));
    for (const delay of delays) {
      const measure = () => work(seeded(seed + round), (counts) => library.env(delay, counts));
      const slow = await measure();
      const { visitMs, appended, fsyncs, holds } = slow;
      expectKept(fsyncs > 0, 'no fsync was late: the library was not used');
      // A loop that waited for the disk would let a visitor wait for half an fsync at least.
      const later = [visitMs - quick.visitMs];
      // A machine that others use as well may be slow for one of the two alone: then both are measured again, in turns.
      for (let turn = 0; middle(later) >= delay / 2 && turn < TURNS; turn++) {
        const { visitMs: without } = await work(seeded(seed + round), () => ({}));
        later.push((await measure()).visitMs - without);
      }
      expectKept(
        middle(later) < delay / 2,
        () =>
          `with fsyncs late by ${delay} ms a visit takes longer by ${later.map((ms) => ms.toFixed(1)).join(', ')} ms`,
      );
      // A machine that is slow by itself holds the loop of both.
      let [held, without] = [holds, quick.holds];
      for (let turn = 0; held.length > without.length + 1 && turn < TURNS; turn++) {
        without = (await work(seeded(seed + round), () => ({}))).holds;
        held = (await measure()).holds;
      }
      expectKept(
        held.length <= without.length + 1,
        () => `the loop was held: ${held.join(', ')}; without the delay: ${without.join(', ') || 'never'}`,
      );
      seen.push(
        `${delay} ms: visit ${visitMs.toFixed(1)} (without ${quick.visitMs.toFixed(1)}), ${appended} appends by ${fsyncs} fsyncs`,
      );
    }
  }
  return seen.join('; ');
}

async function work(random: Random, envOf: (counts: string) => Record<string, string>): Promise<Measured> {
  await using office = await TestOffice.create('up');
  const counts = join(office.directory, 'fsyncs');
  office.extraEnv = envOf(counts);
  await office.open();
  const site = await createSite(office);
  site.open();
  const app = uuidOf(random);
  await publishOnce(site, app, 'standing', random);
  const ledger = createLedger();
  const witness = follow(site, { from: (await readLog(site)).length });
  let stop = false;
  const sides = ['one', 'two', 'three', 'four'].map((name) =>
    write(name, site, ledger, random.fork(), () => stop),
  );
  const visits = visitOften(site, `/app/${app}/`).finally(() => {
    stop = true;
  });
  const [durations] = await Promise.all([visits, ...sides]);
  const log = await readLog(site);
  checkOrder(log);
  checkPromises(log, ledger);
  await until('the follower has everything', () => witness.from + witness.seen.length === log.length);
  checkFollowers(log, [witness]);
  witness.stop();
  return {
    visitMs: middle(durations),
    appended: ledger.count,
    fsyncs: (await readFile(counts).catch(() => '')).length,
    holds: await office.holds(),
  };
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function visitOften(site: Site, path: string): Promise<number[]> {
  const durations: number[] = [];
  for (let visit = 0; visit < VISITS; visit++) {
    const started = performance.now();
    const { status } = await get(`${site.office.url}${path}`);
    durations.push(performance.now() - started);
    expectKept(status === 200, `a visitor is answered ${status}`);
  }
  return durations;
}
