import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive, TestOffice } from '../test/e2e/office.ts';
import { ROOT, start } from '../test/e2e/process.ts';
import { atMost, type Figure, median, round } from './figures.ts';

const APPS = 50;
const ROUNDS = 5;
/** Pushes at a time. */
const SIDE_BY_SIDE = 4;
const DEADLINE_MS = 60_000;

/** A supervisor that was killed while 50 apps ran: from the start of the next one until the log has all of them adopted. */
export async function benchAdopt(): Promise<Figure[]> {
  await using office = await TestOffice.create('apart');
  await office.open();
  const apps = await runApps(office);
  const before = await pidsOf(office);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await office.processes.pop()?.end('SIGKILL');
    const from = await headOf(office);
    const began = performance.now();
    office.processes.push(start('bin/tabbify.mjs', ['supervisor'], office.env));
    await until(`${APPS} adoptions`, async () => (await adoptedAfter(office, from)) === APPS);
    times.push(performance.now() - began);
  }
  const after = await pidsOf(office);
  const same = apps.every((app) => before.get(app) !== undefined && after.get(app) === before.get(app));
  if (!same) throw new Error('an app was started anew');
  for (const pid of after.values()) if (!(await isAlive(pid))) throw new Error(`runner ${pid} is gone`);
  return [
    atMost(
      `supervisor restart with ${APPS} running apps, until all are adopted, median of ${ROUNDS}`,
      median(times) / 1000,
      's',
      3,
      `process start included; longest ${round(Math.max(...times) / 1000)} s`,
    ),
  ];
}

/** Pushes the apps and asks each, so that it runs. */
async function runApps(office: TestOffice): Promise<readonly string[]> {
  const names = Array.from({ length: APPS }, (_, index) => `tiny-${index + 1}`);
  const apps: string[] = [];
  const push = async (name: string): Promise<void> => {
    const folder = join(office.directory, 'apps', name);
    await mkdir(folder, { recursive: true });
    await cp(join(ROOT, 'examples/tiny'), folder, { recursive: true });
    const manifest = join(folder, 'tabbify.toml');
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace('name = "tiny"', `name = "${name}"`));
    const { code, stdout, stderr } = await office.tcli('push', folder, '--json');
    if (code !== 0) throw new Error(stderr);
    const { uuid } = JSON.parse(stdout) as { uuid: string };
    const { status } = await fetch(`${office.url}/app/${uuid}/`);
    if (status !== 200) throw new Error(`${name} answered ${status}`);
    apps.push(uuid);
  };
  const queue = names.values();
  const take = async () => {
    for (const name of queue) await push(name);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, take));
  return apps;
}

async function pidsOf(office: TestOffice): Promise<ReadonlyMap<string, number>> {
  return new Map((await office.runners()).map(({ app, pid }) => [app, pid]));
}

async function headOf(office: TestOffice): Promise<number> {
  const { head } = (await (await office.api('/v1/log')).json()) as { head: number };
  return head;
}

async function adoptedAfter(office: TestOffice, position: number): Promise<number> {
  const response = await office.api(`/v1/events?type=app_started&limit=1000&after=${position}`);
  const { events } = (await response.json()) as { events: { data: { adopted: boolean } }[] };
  return events.filter(({ data }) => data.adopted).length;
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${DEADLINE_MS / 1000} s: ${what}`);
    await new Promise((next) => setTimeout(next, 20));
  }
}
