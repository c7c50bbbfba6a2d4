import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseManifest } from '../src/app/index.ts';
import { buildArtifact } from '../src/builder/index.ts';
import { bundleRunner, type RunnerBundle } from '../src/runner/index.ts';
import { commandOf, descendantsOf } from '../test/attacks/descendants.ts';
import { TestOffice } from '../test/e2e/office.ts';
import { ROOT } from '../test/e2e/process.ts';
import { COLD, coldStart, push, WARM } from './apps.ts';
import { atLeast, atMost, type Figure, median, round } from './figures.ts';
import { pssMb } from './memory.ts';
import { startWorker, type WorkerRunner } from './worker-runner.ts';
import { load } from './wrk.ts';

const ROUNDS = 5;
const SECONDS = 3;
const CONNECTIONS = 16;
const TOGETHER = 10;
/** Milliseconds of CPU without a turn of the event loop: the office's bound. */
const BUDGET_MS = 1_000;
const LOOPS = 5;
const TICK_MS = 10;

/** Workers: speed and memory in their boxes beside plain Node, starts in a real office, and the end of one that loops. */
export async function benchWorker(): Promise<Figure[]> {
  const home = await mkdtemp('/tmp/tbw-'); // short: sockets lie in it
  try {
    const boxed = await bundleRunner({ home });
    const hono = await build(home, 'bench/fixtures/hono-app');
    const hello = await build(home, 'examples/hello');
    const figures = await throughput(home, boxed, hono);
    figures.push(await memory(home, boxed, hello));
    figures.push(await endOfLoops(home, boxed));
    return [...figures, ...(await starts())];
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** The same guest, host and front, with a box and without, in turn. */
async function throughput(home: string, boxed: RunnerBundle, artifact: string): Promise<Figure[]> {
  const plainHome = join(home, 'p');
  const entry = join(ROOT, 'src/runner/testing/bare-worker-runner.ts');
  const plain = await bundleRunner({ home: plainHome, entry });
  await using inBox = await startWorker(home, boxed, artifact);
  await using bare = await startWorker(plainHome, plain, artifact);
  const runs = { inBox: [] as Run[], bare: [] as Run[] };
  for (let round = -1; round < ROUNDS; round += 1) {
    const both = [
      ['inBox', inBox],
      ['bare', bare],
    ] as const;
    for (const [name, runner] of round % 2 === 0 ? both : both.toReversed()) {
      const run = await loaded(runner, round < 0 ? 1 : SECONDS);
      if (round >= 0) runs[name].push(run); // the first round warms up
    }
  }
  const perSec = (of: readonly Run[]) => median(of.map((run) => run.perSec));
  const [boxPerSec, barePerSec] = [perSec(runs.inBox), perSec(runs.bare)];
  const told = ([name, of]: readonly [string, readonly Run[]]) =>
    `${name} ${of.map((run) => round(run.perSec)).join(', ')}; ${round(median(of.map((run) => run.cpuUs)))} µs of CPU each`;
  const all = (
    [
      ['in the box', runs.inBox],
      ['plain', runs.bare],
    ] as const
  )
    .map(told)
    .join('; ');
  return [
    atLeast('Hono app as worker, bodies checked', boxPerSec, 'requests/s', 15_000, all),
    atLeast('worker in its box to plain Node, same front', boxPerSec / barePerSec, '×', 0.9, all),
  ];
}

interface Run {
  readonly perSec: number;
  /** Microseconds of CPU that runner and guest used for one request; a busy machine changes it less than the rate. */
  readonly cpuUs: number;
}

async function loaded(runner: WorkerRunner, seconds: number): Promise<Run> {
  const script = join(ROOT, 'bench/fixtures/mixed.lua');
  const before = cpuMsOf(runner.pid);
  const { requestsPerSec } = await load(runner.url, {
    connections: CONNECTIONS,
    seconds,
    headers: [runner.key],
    script,
  });
  const usedMs = cpuMsOf(runner.pid) - before;
  return { perSec: requestsPerSec, cpuUs: (usedMs * 1000) / (requestsPerSec * seconds) };
}

/** Of the runner and all below it. */
function cpuMsOf(runner: number): number {
  const below = new Set(descendantsOf(runner).map(({ pid }) => pid)).add(runner);
  const all = descendantsOf(process.pid).filter(({ pid }) => below.has(pid));
  return all.reduce((sum, { cpuTicks }) => sum + cpuTicks * TICK_MS, 0);
}

async function memory(home: string, bundle: RunnerBundle, artifact: string): Promise<Figure> {
  await using all = new AsyncDisposableStack();
  const runners: WorkerRunner[] = [];
  while (runners.length < TOGETHER) runners.push(all.use(await startWorker(home, bundle, artifact)));
  for (const runner of runners) await visit(runner);
  const each = await Promise.all(
    runners.map(async ({ pid }) => {
      const pids = [pid, ...descendantsOf(pid).map((below) => below.pid)];
      const parts = await Promise.all(pids.map((one) => pssMb(one)));
      return { runner: parts[0] ?? 0, all: parts.reduce((sum, part) => sum + part, 0) };
    }),
  );
  return atMost(
    `runner and box of hello together, ${TOGETHER} running`,
    median(each.map((one) => one.all)),
    'MiB PSS',
    70,
    `of which the runner ${round(median(each.map((one) => one.runner)))}`,
  );
}

/** What a handler that never returns has used of the CPU when it is gone, as its process tells. */
async function endOfLoops(home: string, bundle: RunnerBundle): Promise<Figure> {
  const artifact = await handMade(home, 'export default { fetch: () => { for (;;); } };');
  const used: number[] = [];
  for (let loop = 0; loop < LOOPS; loop += 1) {
    await using runner = await startWorker(home, bundle, artifact);
    const guest = descendantsOf(runner.pid).find(({ pid }) => commandOf(pid).startsWith('/bin/node'));
    if (guest === undefined) throw new Error('the guest is not to be seen');
    let last = 0;
    const look = setInterval(() => {
      const now = descendantsOf(runner.pid).find(({ pid }) => pid === guest.pid);
      last = Math.max(last, ((now?.cpuTicks ?? 0) - guest.cpuTicks) * TICK_MS);
    }, TICK_MS);
    await visit(runner).catch(() => {});
    clearInterval(look);
    used.push(last);
  }
  const all = `of ${BUDGET_MS}; ${used.join(', ')}`;
  return atMost('CPU of a loop until it is ended, the most', Math.max(...used), 'ms', BUDGET_MS * 1.2, all);
}

async function starts(): Promise<Figure[]> {
  await using office = await TestOffice.create('up');
  Object.assign(office.extraEnv, COLD);
  await office.open();
  const hello = await push(office, 'examples/hello', 'worker');
  const cold = await coldStart(office, 'hello as worker', hello, 200);
  await office.kill();
  Object.assign(office.extraEnv, WARM);
  await office.open();
  return [cold, await coldStart(office, 'hello as worker, from the pool', hello, 30)];
}

async function visit(runner: WorkerRunner): Promise<void> {
  const [name = '', value = ''] = runner.key.split(': ');
  const answer = await fetch(runner.url, { headers: { [name]: value } });
  await answer.arrayBuffer();
  if (answer.status !== 200) throw new Error(`${runner.url} answered ${answer.status}`);
}

/** @returns folder of the artifact */
async function build(home: string, directory: string): Promise<string> {
  const sourceDir = join(ROOT, directory);
  const text = await readFile(join(sourceDir, 'tabbify.toml'), 'utf8');
  const { manifest } = parseManifest(text, { file: 'tabbify.toml', hasComponent: false });
  if (manifest === null) throw new Error(`the manifest of ${directory} is wrong`);
  const outDir = join(home, 'artifacts', directory.replaceAll('/', '-'));
  await buildArtifact({ sourceDir, outDir, manifest, kind: 'module', home });
  return outDir;
}

async function handMade(home: string, source: string): Promise<string> {
  const folder = join(home, 'artifacts/hand-made');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'app.mjs'), source);
  await writeFile(join(folder, 'app.mjs.map'), '{"version":3,"sources":[],"names":[],"mappings":""}');
  const record = { format: 1, kind: 'module', main: 'app.mjs', map: 'app.mjs.map' };
  await writeFile(join(folder, 'artifact.json'), JSON.stringify(record));
  return folder;
}
