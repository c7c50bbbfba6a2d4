import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { get } from './get.ts';
import { isAlive, type RunnerRecord, TestOffice } from './office.ts';
import { ROOT } from './process.ts';

/** The same in both offices, as after a clone: nothing but the home tells their apps apart. */
const APP = '0191e7c2-0000-7000-8000-00000000e2e0';

interface SocketRecord extends RunnerRecord {
  readonly socket: string;
}

it('two offices on one machine do not see each other, also after kill -9 of both', async () => {
  await using one = await TestOffice.create('up');
  await using two = await TestOffice.create('up');
  const offices = [one, two];
  await Promise.all(offices.map((office) => office.open()));
  for (const office of offices) await push(office);

  // The same app, by path and by name, from a runner of its own in each.
  for (const office of offices) await answers(office);
  const runners = await Promise.all(offices.map(runnerOf));
  expect(new Set(runners.map(({ pid }) => pid)).size).toBe(2);
  expect(new Set(runners.map(({ socket }) => socket)).size).toBe(2);

  // A key opens its own office only, and status is of the home it is asked for.
  const key = (await readFile(join(one.home, 'node.key'), 'utf8')).trim();
  const strange = await fetch(`${two.url}/v1/apps`, { headers: { authorization: `Bearer ${key}` } });
  expect(strange.status).toBe(401);
  for (const office of offices) {
    const status = JSON.parse((await office.tabbify('status', '--json')).stdout);
    expect(status).toMatchObject({ node_url: office.url, home: office.home, apps: 1, running: 1 });
    expect(status.hosts).toHaveLength(1);
  }

  // What is stopped in one goes on in the other.
  expect((await one.api(`/v1/apps/${APP}/stop`, { method: 'POST' })).ok).toBe(true);
  await gone(runners[0]!.pid);
  expect(await runnerOf(two)).toEqual(runners[1]);
  await answers(one);
  const left = await Promise.all(offices.map(runnerOf));

  // Both die; each adopts its own runner and tells of no other.
  await Promise.all(offices.map((office) => office.kill()));
  expect(await Promise.all(left.map(({ pid }) => isAlive(pid)))).toEqual([true, true]);
  await Promise.all(offices.map((office) => office.open()));
  for (const office of offices) await answers(office);
  expect(await Promise.all(offices.map(runnerOf))).toEqual(left);
  for (const [index, office] of offices.entries()) {
    const { stdout } = await office.tabbify('events', '--type', 'app_started', '--json');
    const started = stdout.trim().split('\n');
    const last = JSON.parse(started.at(-1) ?? '') as { data: object };
    expect(last.data).toMatchObject({ app: APP, pid: left[index]!.pid, adopted: true });
    expect((await office.tabbify('events', '--type', 'app_crashed', '--json')).stdout).toBe('');
  }

  // One is closed, then its app; the other and its app do not notice.
  expect((await one.tabbify('down')).code).toBe(0);
  expect(await Promise.all(left.map(({ pid }) => isAlive(pid)))).toEqual([true, true]);
  await answers(two);
  expect((await one.tabbify('down')).stdout).toContain('No office is open');
  const apps = await one.tabbify('down', '--apps', '--json');
  expect(JSON.parse(apps.stdout)).toMatchObject({
    closed: false,
    stopped: [{ app: APP, pid: left[0]!.pid }],
  });
  expect(await Promise.all(left.map(({ pid }) => isAlive(pid)))).toEqual([false, true]);
  await answers(two);
  expect(await runnerOf(two)).toEqual(left[1]);
});

async function push(office: TestOffice): Promise<void> {
  const folder = join(office.directory, 'tiny');
  await cp(join(ROOT, 'examples/tiny'), folder, { recursive: true });
  const manifest = join(folder, 'tabbify.toml');
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('[app]', `[app]\nid = "${APP}"`));
  const { code, stderr } = await office.tcli('push', folder);
  expect(code, stderr).toBe(0);
}

async function answers(office: TestOffice): Promise<void> {
  expect((await get(`${office.url}/app/${APP}/`)).status).toBe(200);
  const { host, port } = new URL(office.url);
  expect((await get(`http://${host}/`, { host: `tiny.localhost:${port}` })).status).toBe(200);
}

async function runnerOf(office: TestOffice): Promise<SocketRecord> {
  const records = (await office.runners()) as SocketRecord[];
  expect(records).toHaveLength(1);
  return records[0]!;
}

async function gone(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), { timeout: 15_000 }).toBe(false);
}
