import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../drill/until.ts';
import { get } from './get.ts';
import { isAlive, TestOffice } from './office.ts';
import { ROOT } from './process.ts';

let office: TestOffice;
beforeAll(async () => {
  office = await TestOffice.create('up');
  await office.open();
});
afterAll(() => office[Symbol.asyncDispose]());

interface Push {
  readonly uuid: string;
  /** Base URL, without a slash at its end. */
  readonly base: string;
}

async function push(folder: string, name: string, manifest?: (text: string) => string): Promise<Push> {
  const app = join(office.directory, name);
  await cp(join(ROOT, folder), app, { recursive: true });
  if (manifest !== undefined) {
    const file = join(app, 'tabbify.toml');
    await writeFile(file, manifest(await readFile(file, 'utf8')));
  }
  const result = await office.tcli('push', app, '--json');
  expect(result.code, result.stderr).toBe(0);
  const { uuid } = JSON.parse(result.stdout) as { uuid: string };
  return { uuid, base: `${office.url}/app/${uuid}` };
}

/** What an app answers, without what tells it from another of the same source. */
async function answerOf({ uuid, base }: Push, path: string): Promise<{ status: number; body: string }> {
  const { status, body } = await get(base + path);
  return { status, body: body.replaceAll(uuid, '').replace(/"at":"[^"]*"/, '') };
}

const json = async (path: string) => (await (await office.api(path)).json()) as Record<string, unknown>;
const runnerOf = async (app: string) => (await office.runners()).find((runner) => runner.app === app);

/** Records of the boxes whose owner a process is. The office prepares boxes for other apps whenever it has the time: their number tells nothing. */
async function boxesOf(pid: number): Promise<string[]> {
  const folder = join(office.home, 'boxes');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const owners = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8').catch(() => '{}'); // gone in between
      return (JSON.parse(text) as { owner?: { pid: number } }).owner?.pid;
    }),
  );
  return names.filter((_, index) => owners[index] === pid);
}

/** Pids of what a process has started, down to the last. */
async function descendants(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = text.split(' ').filter(Boolean).map(Number);
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}

it('runs an npm app of some size unmodified, in a box, and keeps it over kill -9 of the office', async () => {
  const { uuid, base } = await push('test/fixtures/apps/bookings', 'bookings');

  // Templates, dates in another language, validation, signatures.
  expect((await get(`${base}/`)).body).toContain('Salon Ünal');
  expect(await json(`/v1/apps/${uuid}`)).toMatchObject({ runtime: 'worker', state: 'running' });
  const booked = await fetch(`${base}/bookings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Ada', day: '2026-12-01' }),
  });
  expect(booked.status).toBe(201);
  const proof = new URL(booked.headers.get('location') ?? '', base).search;
  expect((await get(`${base}/bookings/0${proof}`)).body).toBe('{"name":"Ada","day":"2026-12-01"}');
  expect((await get(`${base}/bookings/0?proof=x`)).status).toBe(404);
  expect((await get(`${base}/`)).body).toContain('Ada: 1. Dezember 2026');
  expect((await get(`${base}/terms`)).body).toContain('<strong>a day</strong>');
  const wrong = await fetch(`${base}/bookings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":""}',
  });
  expect(wrong.status).toBe(422);

  // What it prints is in its log.
  expect((await office.tabbify('logs', 'bookings')).stdout).toContain('bookings are open');

  // The app is a process below its runner, and no user of this machine's.
  const runner = await runnerOf(uuid);
  const box = await descendants(runner!.pid);
  const inner = await readFile(`/proc/${box.at(-1)}/status`, 'utf8');
  expect(inner).toMatch(/^Seccomp:\s+2$/m);
  expect(inner).toMatch(/^CapEff:\s+0+$/m);
  if (process.getuid?.() === 0) expect(inner).not.toMatch(/^Uid:\s+0\s/m);

  await office.kill();
  expect((await get(`${runner!.endpoint}/`, { 'tabbify-runner-key': runner!.runner_key })).status).toBe(200);
  await office.open();
  expect((await get(`${office.url}/app/${uuid}/`)).body).toContain('Ada'); // the very process: it remembers
  expect((await runnerOf(uuid))?.pid).toBe(runner!.pid);

  // kill -9 of its runner takes the box along, and the next visitor is answered by another.
  process.kill(runner!.pid, 'SIGKILL');
  await until('the box to be gone', async () => {
    const alive = await Promise.all(box.map(isAlive));
    return !alive.includes(true);
  });
  await until('another to serve', async () => (await get(`${office.url}/app/${uuid}/`)).status === 200);
  expect((await get(`${office.url}/app/${uuid}/`)).body).toContain('keine Termine');
});

it('runs one source as worker and, by one line of manifest, as wasm-http', async () => {
  const asWorker = await push('examples/hello', 'hello');
  const asWasm = await push('examples/hello', 'hello-wasm', (text) =>
    text
      .replace('name = "hello"', 'name = "hello-wasm"')
      .replace('[runtime]', '[runtime]\ntype = "wasm-http"'),
  );
  expect(await json(`/v1/apps/${asWorker.uuid}`)).toMatchObject({ runtime: 'worker' });
  expect(await json(`/v1/apps/${asWasm.uuid}`)).toMatchObject({ runtime: 'wasm-http' });
  for (const path of ['/', '/api/hello?name=Ada', '/nothing']) {
    const [one, other] = await Promise.all([answerOf(asWorker, path), answerOf(asWasm, path)]);
    expect(one).toEqual(other);
  }
});

it('leaves nothing of an app that is purged', async () => {
  const { uuid, base } = await push('examples/hello', 'gone', (text) =>
    text.replace('name = "hello"', 'name = "gone"'),
  );
  expect((await get(`${base}/`)).status).toBe(200);
  const runner = await runnerOf(uuid);
  const box = await descendants(runner!.pid);
  expect(box.length).toBeGreaterThan(0);
  expect(await boxesOf(runner!.pid)).toHaveLength(1);
  expect((await office.api(`/v1/apps/${uuid}/purge`, { method: 'POST' })).ok).toBe(true);
  await until('the box to be gone', async () => !(await Promise.all(box.map(isAlive))).includes(true));
  await until('its record to be gone', async () => (await boxesOf(runner!.pid)).length === 0);
});
