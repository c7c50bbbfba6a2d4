import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sendControl } from '../src/runner/index.ts';
import { commandOf, descendantsOf } from '../test/attacks/descendants.ts';
import { isAlive, type RunnerRecord, TestOffice } from '../test/e2e/office.ts';
import { ROOT } from '../test/e2e/process.ts';
import { atLeast, atMost, type Figure, median, quantile, round } from './figures.ts';
import { pssMb } from './memory.ts';
import { load } from './wrk.ts';

const COLD_STARTS = 30;
const ROUNDS = 3;
/** The office says how long each part of a start took. */
export const COLD = { TABBIFY_LOG_LEVEL: 'info', TABBIFY_WARM_HOSTS: '0' };
export const WARM = { TABBIFY_WARM_HOSTS: '1' };

/** Apps in a real office: throughput straight at the runner, cold starts through the edge, memory. */
export async function benchApps(): Promise<Figure[]> {
  await using office = await TestOffice.create('up');
  Object.assign(office.extraEnv, COLD);
  await office.open();
  const tiny = await push(office, 'examples/tiny');
  const hello = await push(office, 'examples/hello', 'wasm-http');
  const hono = await push(office, 'bench/fixtures/hono-app', 'wasm-http');
  const figures: Figure[] = [];
  figures.push(...(await throughput(office, tiny, hono)));
  figures.push(await coldStart(office, 'tiny', tiny, 150));
  figures.push(await coldStart(office, 'hello', hello, 250));
  const runner = await runnerOf(office, tiny);
  const { pid: officePid } = JSON.parse(await readFile(join(office.home, 'office.json'), 'utf8')) as {
    pid: number;
  };
  figures.push(atMost('office memory, three apps known', await pssMb(officePid), 'MiB PSS', 150));
  figures.push(atMost('running tiny, memory after a cold start', await withBox(runner.pid), 'MiB PSS', 90));
  await office.kill();
  Object.assign(office.extraEnv, WARM);
  await office.open();
  figures.push(await coldStart(office, 'tiny, from the pool', tiny, 60));
  figures.push(await coldStart(office, 'hello, from the pool', hello, 150));
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
  const afterLoad = [await withBox(one.pid), await withBox(other.pid)].map(round);
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

/** Memory of a runner and of what it has started, its box: MiB PSS. */
async function withBox(runner: number): Promise<number> {
  const pids = [runner, ...descendantsOf(runner).map(({ pid }) => pid)];
  const parts = await Promise.all(pids.map((pid) => pssMb(pid)));
  return parts.reduce((sum, each) => sum + each, 0);
}

/** First byte after a stop, as a visitor sees it at the edge, and what that time is made of. */
export async function coldStart(
  office: TestOffice,
  name: string,
  app: string,
  bound: number,
): Promise<Figure> {
  const times: number[] = [];
  const parts: Parts[] = [];
  await firstByte(`${office.url}/app/${app}/`); // page cache and compile cache warm
  for (let round = 0; round < COLD_STARTS; round += 1) {
    times.push(await coldFirstByte(office, app));
    parts.push(await partsOf(office, app));
  }
  return atMost(
    `${name}, cold first byte, median of ${COLD_STARTS}`,
    median(times),
    'ms',
    bound,
    `p95 ${round(quantile(times, 0.95))}; ${middleOf(times, parts)}`,
  );
}

/** Milliseconds from a request to an app that runs, and is stopped for this, until the first byte. */
export async function coldFirstByte(office: TestOffice, app: string): Promise<number> {
  const { pid } = await runnerOf(office, app);
  const stopped = await office.api(`/v1/apps/${app}/stop`, { method: 'POST' });
  if (!stopped.ok) throw new Error(`stop answered ${stopped.status}: ${await stopped.text()}`);
  await until('the app to stop', async () => !(await isAlive(pid)));
  await until('the office to rest', () => rests(office)); // an idle app's next visitor does not meet its end
  if (office.extraEnv.TABBIFY_WARM_HOSTS !== '0') await until('a host to wait', () => hostWaits(office));
  return firstByte(`${office.url}/app/${app}/`);
}

/** What the start in the middle was made of, in whole milliseconds that add up. */
function middleOf(times: readonly number[], parts: readonly Parts[]): string {
  const order = times.map((time, index) => ({ time, index })).sort((a, b) => a.time - b.time);
  const { time, index } = order[Math.floor((order.length - 1) / 2)]!;
  const rounded = PARTS.map((key) => [key, Math.round(parts[index]![key])] as const);
  const sum = rounded.reduce((total, [, ms]) => total + ms, 0);
  const shown = [...rounded, ['first byte', Math.round(time) - sum] as const];
  return `one of ${Math.round(time)} ms: ${shown.map(([key, ms]) => `${key} ${ms}`).join(' + ')}`;
}

/** In the order in which they happen; what is left of the time until the first byte is the way there and back. */
const PARTS = ['spawn', 'handing over', 'load', 'instance', 'probe'] as const;

/** Milliseconds. */
type Parts = Readonly<Record<(typeof PARTS)[number], number>>;

/** What the last start of an app was made of: as the office logged it, and as the runner says of itself. */
async function partsOf(office: TestOffice, app: string): Promise<Parts> {
  const line = await until('the line about the start', async () =>
    office.processes[0]
      ?.output()
      .split('\n')
      .findLast((text) => text.includes('"app started"') && text.includes(app)),
  );
  const { ms } = JSON.parse(line) as { ms: Record<'ready' | 'deployed' | 'healthy', number> };
  const record = (await office.runners()).find((candidate) => candidate.app === app);
  const { socket } = record as RunnerRecord & { readonly socket: string };
  const health = await sendControl(socket, { cmd: 'health' }, 5_000);
  const stats = health.reply === 'health' ? health.stats : {};
  // An instance is a component's, or a box; what is loaded is a component, or the app's module.
  const [load, instance] = [stats.load_ms ?? Number.NaN, stats.instantiate_ms ?? stats.box_ms ?? Number.NaN];
  return {
    spawn: ms.ready,
    load,
    instance,
    'handing over': ms.deployed - ms.ready - load - instance,
    probe: ms.healthy - ms.deployed,
  };
}

/** Is there a process of the runner's program that no record names, and has it come to rest? */
async function hostWaits(office: TestOffice): Promise<boolean> {
  const taken = new Set((await office.runners()).map(({ pid }) => String(pid)));
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || taken.has(pid)) continue;
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!words.includes('runner.mjs') || !words.includes(`--home=${office.home}`)) continue;
    const before = await ticksOf(pid);
    await new Promise((next) => setTimeout(next, 200));
    const boxes = descendantsOf(Number(pid)).map((below) => commandOf(below.pid));
    if (boxes.length > 0 && !boxes.some((command) => command.startsWith('/bin/node'))) return false;
    return before > 0 && before === (await ticksOf(pid));
  }
  return false;
}

/** Has the office done all that follows the end of an app? */
async function rests(office: TestOffice): Promise<boolean> {
  const pid = String(office.processes[0]?.pid ?? '');
  const before = await ticksOf(pid);
  await new Promise((next) => setTimeout(next, 300));
  return (await ticksOf(pid)) - before <= 1; // a tick is 10 ms; it looks after its hosts all the time
}

/** Processor time of a process so far, in clock ticks (proc(5)); 0 when it is gone. */
export async function ticksOf(pid: string): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

export function firstByte(url: string): Promise<number> {
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

/**
 * @param runtime what its manifest says; by itself: what the build's kind makes of it
 * @param change of the rest of its manifest
 */
export async function push(
  office: TestOffice,
  directory: string,
  runtime?: string,
  change: (manifest: string) => string = (manifest) => manifest,
): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'tabbify-bench-app-'));
  try {
    await cp(join(ROOT, directory), copy, { recursive: true });
    const manifest = join(copy, 'tabbify.toml');
    if (runtime !== undefined) await nameRuntime(manifest, runtime);
    await writeFile(manifest, change(await readFile(manifest, 'utf8')));
    const result = await office.tcli('push', copy, '--json');
    if (result.code !== 0) throw new Error(result.stderr);
    return (JSON.parse(result.stdout) as { uuid: string }).uuid;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function nameRuntime(manifest: string, runtime: string): Promise<void> {
  const lines = (await readFile(manifest, 'utf8')).split('\n').filter((line) => !/^#? ?type = /.test(line));
  const at = lines.indexOf('[runtime]');
  const table = at < 0 ? ['[runtime]'] : [];
  lines.splice(at < 0 ? lines.length : at + 1, 0, ...table, `type = "${runtime}"`);
  await writeFile(manifest, lines.join('\n'));
}

/** The record of the app's runner, started by a request if it is not running. */
export async function runnerOf(office: TestOffice, app: string): Promise<RunnerRecord> {
  await firstByte(`${office.url}/app/${app}/`);
  const record = (await office.runners()).find((candidate) => candidate.app === app);
  if (record === undefined) throw new Error(`no runner for ${app}`);
  return record;
}

export const address = (record: RunnerRecord) => `${record.endpoint}/`;
export const keyOf = (record: RunnerRecord) => `tabbify-runner-key: ${record.runner_key}`;

async function until<Value>(what: string, look: () => Promise<Value>): Promise<NonNullable<Value>> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited 10 s for ${what}`);
    await new Promise((next) => setTimeout(next, 5));
  }
}
