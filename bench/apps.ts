import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, type RunnerRecord, TestOffice } from '../test/e2e/office.ts';
import { ROOT } from '../test/e2e/process.ts';
import { atLeast, atMost, type Figure, median, quantile, round } from './figures.ts';
import { pssMb } from './memory.ts';
import { load } from './wrk.ts';

const COLD_STARTS = 30;
const ROUNDS = 3;

/** Apps in a real office: throughput straight at the runner, cold starts through the edge, memory. */
export async function benchApps(): Promise<Figure[]> {
  await using office = await TestOffice.create('up');
  await office.open();
  const tiny = await push(office, 'examples/tiny');
  const hello = await push(office, 'examples/hello');
  const hono = await push(office, 'bench/fixtures/hono-app');
  const figures: Figure[] = [];
  figures.push(...(await throughput(office, tiny, hono)));
  figures.push(await coldStart(office, 'tiny', tiny, 150));
  figures.push(await coldStart(office, 'hello', hello, 250));
  const runner = await runnerOf(office, tiny);
  const { pid: officePid } = JSON.parse(await readFile(join(office.home, 'office.json'), 'utf8')) as {
    pid: number;
  };
  figures.push(atMost('office memory, three apps known', await pssMb(officePid), 'MiB PSS', 150));
  figures.push(atMost('running tiny, memory after a cold start', await pssMb(runner.pid), 'MiB PSS', 90));
  return figures;
}

async function throughput(office: TestOffice, tiny: string, hono: string): Promise<Figure[]> {
  const one = await runnerOf(office, tiny);
  const other = await runnerOf(office, hono);
  const script = join(ROOT, 'bench/fixtures/mixed.lua');
  const tinyRuns: number[] = [];
  const honoRuns: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const a = await load(address(one), { connections: 32, seconds: 4, headers: [keyOf(one)] });
    const b = await load(address(other), { connections: 16, seconds: 4, headers: [keyOf(other)], script });
    if (a.errors > 0) throw new Error(`tiny failed ${a.errors} requests`);
    tinyRuns.push(a.requestsPerSec);
    honoRuns.push(b.requestsPerSec);
  }
  const afterLoad = [await pssMb(one.pid), await pssMb(other.pid)].map(round);
  return [
    atLeast(
      'tiny, metered, through its runner',
      median(tinyRuns),
      'requests/s',
      5_000,
      `32 connections; ${afterLoad[0]} MiB PSS afterwards`,
    ),
    atLeast(
      'Hono app of five routes, metered, bodies checked',
      median(honoRuns),
      'requests/s',
      1_500,
      `16 connections; ${afterLoad[1]} MiB PSS afterwards`,
    ),
  ];
}

/** First byte after a stop, as a visitor sees it at the edge. */
async function coldStart(office: TestOffice, name: string, app: string, bound: number): Promise<Figure> {
  const times: number[] = [];
  await firstByte(`${office.url}/app/${app}/`); // page cache and compile cache warm
  for (let round = 0; round < COLD_STARTS; round += 1) {
    const { pid } = await runnerOf(office, app);
    const stopped = await office.api(`/v1/apps/${app}/stop`, { method: 'POST' });
    if (!stopped.ok) throw new Error(`stop answered ${stopped.status}: ${await stopped.text()}`);
    await until(async () => !(await isAlive(pid)));
    times.push(await firstByte(`${office.url}/app/${app}/`));
  }
  return atMost(
    `${name}, cold first byte, median of ${COLD_STARTS}`,
    median(times),
    'ms',
    bound,
    `p95 ${round(quantile(times, 0.95))} ms`,
  );
}

function firstByte(url: string): Promise<number> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const call = request(url, { agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`));
      response.once('data', () => resolve(performance.now() - started));
      response.resume();
    });
    call.on('error', reject);
    call.end();
  });
}

async function push(office: TestOffice, directory: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'tabbify-bench-app-'));
  try {
    await cp(join(ROOT, directory), copy, { recursive: true });
    const result = await office.tcli('push', copy, '--json');
    if (result.code !== 0) throw new Error(result.stderr);
    return (JSON.parse(result.stdout) as { uuid: string }).uuid;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** The record of the app's runner, started by a request if it is not running. */
async function runnerOf(office: TestOffice, app: string): Promise<RunnerRecord> {
  await firstByte(`${office.url}/app/${app}/`);
  const record = (await office.runners()).find((candidate) => candidate.app === app);
  if (record === undefined) throw new Error(`no runner for ${app}`);
  return record;
}

const address = (record: RunnerRecord) => `http://${record.bound.host}:${record.bound.port}/`;
const keyOf = (record: RunnerRecord) => `tabbify-runner-key: ${record.runner_key}`;

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the app did not stop');
    await new Promise((next) => setTimeout(next, 5));
  }
}
