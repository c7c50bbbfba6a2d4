import { setTimeout as wait } from 'node:timers/promises';
import { sendCrowd } from '../test/drill/swap/crowd.ts';
import { countsOf, judge, latencies } from '../test/drill/swap/judge.ts';
import { now } from '../test/drill/swap/sample.ts';
import { type Outcome, pushSwappedApp } from '../test/drill/swap/swapped-app.ts';
import { TestOffice } from '../test/e2e/office.ts';
import { atMost, type Figure, median, quantile, round } from './figures.ts';

const PER_SECOND = 200;
/** Not counted: the generator and the office compile their code and open their connections. */
const WARM_UP_MS = 5_000;
const BEFORE_MS = 10_000;
const DURING_MS = 30_000;
/** From one swap to the next, where each is looked at by itself: the one before has drained, the pool has another host. */
const APART_MS = 3_750;
/** After a swap has ended, how long what it leaves behind is counted with it: the old version drains, the pool is filled. */
const AFTER_MS = 1_000;
/** After each pair of swaps, in which the pool gets another host; the second of a pair finds none. */
const PAUSE_MS = 800;
/** Those behind the first are built by the first swap to them. */
const NAMES = ['v001', 'v002', 'v003', 'v004', 'v005'];
const MANY = 5;

/** Times between which requests are looked at, on the clock of the samples. */
interface Window {
  readonly from: number;
  readonly until: number;
}

/**
 * An app replaced again and again, forth by `deploy` and back by `rollback`, while 200 requests a second come to it: first one swap at a
 * time, every second one with a build, then one right after the other.
 */
export async function benchSwap(): Promise<Figure[]> {
  await using office = await TestOffice.create('up');
  Object.assign(office.extraEnv, { TABBIFY_LOG_LEVEL: 'info', TABBIFY_WARM_HOSTS: '1' });
  await office.open();
  const [first = '', ...others] = NAMES;
  const app = await pushSwappedApp(office, first);
  for (const name of others) await app.publish(name);
  const pace = { perSecond: PER_SECOND, burst: 0, streams: 4, streamMs: [4_000, 9_000], seed: 1 } as const;
  const crowd = await sendCrowd(office, app.uuid, pace);
  await wait(WARM_UP_MS);
  const before: Window = { from: now(), until: now() + BEFORE_MS };
  await wait(BEFORE_MS);
  const swaps: Window[] = [];
  const times: number[] = [];
  const swap = async (how: () => Promise<Outcome>): Promise<void> => {
    const from = now();
    const { phase, reason, ms } = await how();
    if (phase !== 'switched') throw new Error(`a deployment ended ${phase}: ${reason}`);
    times.push(ms);
    swaps.push({ from, until: now() + AFTER_MS });
  };
  for (let at = 0; at * APART_MS < DURING_MS; at += 1) {
    const next = now() + APART_MS;
    await swap(at % 2 === 0 ? () => app.deploy(NAMES[at / 2 + 1] ?? first) : () => app.rollback());
    await wait(Math.max(0, next - now()));
  }
  const [apart, apartMs] = [[...swaps], median(times)];
  times.length = 0;
  const began = now();
  for (let round = 0; now() - began < DURING_MS; round += 1) {
    await swap(() => app.deploy(NAMES[(round % 2) + 1] ?? first));
    await swap(() => app.rollback());
    await wait(PAUSE_MS);
  }
  const crowded: Window = { from: began, until: now() };
  const samples = await crowd.leave();
  const { failures, requests } = judge(samples, app.spans);
  for (const failure of failures.slice(0, MANY)) process.stderr.write(`  ${failure}\n`);
  const within = (windows: readonly Window[]) =>
    windows.flatMap(({ from, until }) => latencies(samples, from, until));
  const [usual, single, row] = [within([before]), within(apart), within([crowded])];
  const seconds = round((crowded.until - crowded.from) / 1000);
  return [
    atMost(
      `requests that failed during ${swaps.length} swaps at ${PER_SECOND} requests/s`,
      failures.length,
      `of ${requests}`,
      0,
      countsOf(samples),
    ),
    atMost(
      `p99 while a swap is under way and a second after, from the moment at which a request was due`,
      quantile(single, 0.99) / quantile(usual, 0.99),
      '× before',
      5,
      `before p50 ${show(usual, 0.5)}, p99 ${show(usual, 0.99)}; during p50 ${show(single, 0.5)}, p99 ${show(single, 0.99)}, longest ${show(single, 1)}; ${apart.length} swaps, half of them with a build; one takes ${round(apartMs)} ms`,
    ),
    atMost(
      `p99 over ${seconds} s of swaps one after the other`,
      quantile(row, 0.99) / quantile(usual, 0.99),
      '× before',
      5,
      `p50 ${show(row, 0.5)}, p99 ${show(row, 0.99)}, longest ${show(row, 1)}; ${times.length} swaps; one takes ${round(median(times))} ms, ${warmth(office)}`,
    ),
  ];
}

function show(times: readonly number[], q: number): string {
  return `${quantile(times, q).toFixed(1)} ms`;
}

/** How many starts found a host in the pool, by what the office logged of them. */
function warmth(office: TestOffice): string {
  const starts = (office.processes[0]?.output() ?? '')
    .split('\n')
    .filter((line) => line.includes('"app started"'));
  const warm = starts.filter((line) => (JSON.parse(line) as { ms: { ready: number } }).ms.ready < 10).length;
  return `${warm} of ${starts.length} starts out of the pool`;
}
