import { setTimeout as wait } from 'node:timers/promises';
import { sendCrowd } from '../test/drill/swap/crowd.ts';
import { countsOf, judge, latencies } from '../test/drill/swap/judge.ts';
import { now } from '../test/drill/swap/sample.ts';
import { pushSwappedApp } from '../test/drill/swap/swapped-app.ts';
import { TestOffice } from '../test/e2e/office.ts';
import { atMost, type Figure, median, quantile, round } from './figures.ts';

const PER_SECOND = 200;
/** Not counted: the generator and the office compile their code and open their connections. */
const WARM_UP_MS = 5_000;
const BEFORE_MS = 10_000;
const DURING_MS = 30_000;
/** After each pair of swaps, in which the pool gets another host; the second of a pair finds none. */
const PAUSE_MS = 800;
const NAMES = ['v001', 'v002', 'v003'];
const MANY = 5;

/** An app replaced again and again, forth by `deploy` and back by `rollback`, while 200 requests a second come to it. */
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
  const begin = now();
  await wait(BEFORE_MS);
  const began = now();
  const times: number[] = [];
  for (let round = 0; now() - began < DURING_MS; round += 1) {
    for (const swap of [() => app.deploy(NAMES[(round + 1) % NAMES.length] ?? ''), () => app.rollback()]) {
      const { phase, reason, ms } = await swap();
      if (phase !== 'switched') throw new Error(`a deployment ended ${phase}: ${reason}`);
      times.push(ms);
    }
    await wait(PAUSE_MS);
  }
  const ended = now();
  const samples = await crowd.leave();
  const { failures, requests } = judge(samples, app.spans);
  for (const failure of failures.slice(0, MANY)) process.stderr.write(`  ${failure}\n`);
  const [before, during] = [latencies(samples, begin, began), latencies(samples, began, ended)];
  return [
    atMost(
      `requests that failed during ${times.length} swaps in ${round((ended - began) / 1000)} s at ${PER_SECOND} requests/s`,
      failures.length,
      `of ${requests}`,
      0,
      `${countsOf(samples)}; a swap takes ${round(median(times))} ms, ${warmth(office)}`,
    ),
    atMost(
      'p99 during swaps, from the moment at which a request was due',
      quantile(during, 0.99) / quantile(before, 0.99),
      '× before',
      5,
      `before p50 ${show(before, 0.5)}, p99 ${show(before, 0.99)}; during p50 ${show(during, 0.5)}, p99 ${show(during, 0.99)}, longest ${show(during, 1)}`,
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
