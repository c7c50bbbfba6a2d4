import { sendControl } from '../src/runner/index.ts';
import { descendantsOf } from '../test/attacks/descendants.ts';
import { type RunnerRecord, TestOffice } from '../test/e2e/office.ts';
import { ROOT } from '../test/e2e/process.ts';
import { address, COLD, keyOf, push, runnerOf, ticksOf } from './apps.ts';
import { atLeast, type Figure, median, round } from './figures.ts';
import { load } from './wrk.ts';

const ROUNDS = 5;
const SECONDS = 3;
/** Seconds in which V8 compiles what is at work. */
const WARM_UP = 15;
const CONNECTIONS = 16;
const TICK_US = 10_000;

/** What a clean instance for each request costs: an app with it beside the same app in a pool. */
export async function benchIsolation(): Promise<Figure[]> {
  await using office = await TestOffice.create('up');
  Object.assign(office.extraEnv, COLD);
  await office.open();
  const apps = { request: await start(office, 'request'), pool: await start(office, 'pool') };
  const runs = { request: [] as Run[], pool: [] as Run[] };
  for (let turn = -1; turn < ROUNDS; turn += 1) {
    for (const isolation of ['request', 'pool'] as const) {
      const run = await loaded(apps[isolation], turn < 0 ? WARM_UP : SECONDS);
      if (turn >= 0) runs[isolation].push(run);
    }
  }
  const { made } = await usedBy(apps.request);
  const told = (of: readonly Run[]) =>
    `${of.map(({ perSec }) => round(perSec)).join(', ')}; ${middle(of, 'cpuUs')} µs of CPU and ${middle(of, 'fuel')} M of fuel each`;
  return [
    atLeast(
      'Hono app, a clean instance each request, metered, bodies checked',
      median(runs.request.map(({ perSec }) => perSec)),
      'requests/s',
      1_200,
      `${told(runs.request)}, ${made} instances made; in the pool ${told(runs.pool)}`,
    ),
  ];
}

async function start(office: TestOffice, isolation: 'request' | 'pool'): Promise<Started> {
  const app = await push(office, 'bench/fixtures/hono-app', 'wasm-http', (manifest) =>
    manifest
      .replace('[runtime]', `[runtime]\nisolation = "${isolation}"`)
      .replace('name = "hono-app"', `name = "hono-${isolation}"`),
  );
  return (await runnerOf(office, app)) as Started;
}

type Started = RunnerRecord & { readonly socket: string };

/** What one run measured; CPU (microseconds, of the runner and its box) and fuel (millions) for one request. */
interface Run {
  readonly perSec: number;
  readonly cpuUs: number;
  readonly fuel: number;
}

async function loaded(runner: Started, seconds: number): Promise<Run> {
  const before = await usedBy(runner);
  const { requestsPerSec } = await load(address(runner), {
    connections: CONNECTIONS,
    seconds,
    headers: [keyOf(runner)],
    script: `${ROOT}/bench/fixtures/mixed.lua`,
  });
  const after = await usedBy(runner);
  const requests = after.requests - before.requests;
  return {
    perSec: requestsPerSec,
    cpuUs: (after.cpuUs - before.cpuUs) / requests,
    fuel: (after.fuel - before.fuel) / requests / 1e6,
  };
}

async function usedBy({ pid, socket }: Started) {
  const below = descendantsOf(pid).reduce((sum, { cpuTicks }) => sum + cpuTicks, 0);
  const cpuUs = ((await ticksOf(String(pid))) + below) * TICK_US;
  const health = await sendControl(socket, { cmd: 'health' }, 5_000);
  const stats = health.reply === 'health' ? health.stats : {};
  const { requests = Number.NaN, fuel_used: fuel = Number.NaN, instances_created: made = Number.NaN } = stats;
  return { cpuUs, requests, fuel, made };
}

function middle(runs: readonly Run[], of: 'cpuUs' | 'fuel'): string {
  return round(median(runs.map((run) => run[of])));
}
