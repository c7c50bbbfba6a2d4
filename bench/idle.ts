import { randomUUID } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { TestOffice } from '../test/e2e/office.ts';
import { atMost, type Figure, round } from './figures.ts';
import { pssMb } from './memory.ts';
import { tinyArchive } from './tiny-archive.ts';

const FEW = 3;
const MORE = 200;
/** Pushes at a time. */
const SIDE_BY_SIDE = 4;
const DEADLINE_MS = 120_000;
/** The least of what is seen in this time counts: garbage of the pushes is nobody's cost. */
const SETTLE_MS = 15_000;
const LOOK_MS = 1_000;

/** What apps cost that are known, have run once, and have been stopped since nobody asked for them. */
export async function benchIdle(): Promise<Figure[]> {
  await using office = await TestOffice.create('up');
  office.extraEnv = { TABBIFY_WARM_HOSTS: '0' };
  await office.open();
  await runAndRest(office, 0, FEW);
  await office.kill();
  await office.open();
  const few = await costOf(office);
  await runAndRest(office, FEW, FEW + MORE);
  const many = await costOf(office);
  await office.kill();
  await office.open();
  const manyAgain = await costOf(office);
  const perApp = (a: Cost, b: Cost, key: keyof Cost): number => (b[key] - a[key]) / MORE;
  return [
    atMost(
      `${MORE} apps that rest, memory of the office (node and supervisor) for all of them`,
      many.memory - few.memory,
      'MiB PSS',
      50,
      `${round(few.memory)} with ${FEW} and ${round(many.memory)} with ${FEW + MORE}; ${round(manyAgain.memory)} when it is started anew`,
    ),
    atMost(
      'an app that rests, open descriptors',
      perApp(few, many, 'descriptors'),
      'each',
      0.1,
      `${few.descriptors} and ${many.descriptors}`,
    ),
    atMost(
      'an app that rests, what its host has of it on disk',
      perApp(few, many, 'disk'),
      'KiB each',
      64,
      'log, memory, figures, records; not the artifact and the versions of the office',
    ),
  ];
}

interface Cost {
  /** MiB. */
  readonly memory: number;
  readonly descriptors: number;
  /** KiB. */
  readonly disk: number;
}

async function costOf(office: TestOffice): Promise<Cost> {
  const { pid } = JSON.parse(await readFile(join(office.home, 'office.json'), 'utf8')) as { pid: number };
  let memory = Number.POSITIVE_INFINITY;
  for (const until = performance.now() + SETTLE_MS; performance.now() < until; ) {
    memory = Math.min(memory, await pssMb(pid));
    await wait(LOOK_MS);
  }
  const descriptors = (await readdir(`/proc/${pid}/fd`)).length;
  let disk = 0;
  for (const part of ['runners', 'supervisor']) disk += await sizeOf(join(office.home, part));
  return { memory, descriptors, disk };
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(join(file.parentPath, file.name))).blocks),
  );
  return sizes.reduce((sum, blocks) => sum + blocks / 2, 0);
}

/** Pushes apps, asks each once, and waits until all of them rest. */
async function runAndRest(office: TestOffice, from: number, to: number): Promise<void> {
  let next = from;
  const side = async (): Promise<void> => {
    while (next < to) {
      next += 1;
      await run(office, `rests-${next}`);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, side));
  const deadline = performance.now() + DEADLINE_MS;
  while ((await office.runners()).length > 0) {
    if (performance.now() > deadline) throw new Error('the apps are not stopped for being idle');
    await wait(LOOK_MS);
  }
}

async function run(office: TestOffice, name: string): Promise<void> {
  const app = randomUUID();
  const post = async (path: string, type: string, body: string | Uint8Array<ArrayBuffer>) => {
    const response = await office.api(path, { method: 'POST', headers: { 'content-type': type }, body });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as { deployment_id: string };
  };
  await post(
    `/v1/apps/${app}/versions`,
    'application/gzip',
    await tinyArchive(app, name, 'idle_timeout_sec = 1\n'),
  );
  const { deployment_id: id } = await post(`/v1/apps/${app}/deploy`, 'application/json', '{}');
  await (await office.api(`/v1/deployments/${id}/stream`)).text(); // until it has ended
  const { status } = await fetch(`${office.url}/app/${app}/`);
  if (status !== 200) throw new Error(`${name} answered ${status}`);
}
