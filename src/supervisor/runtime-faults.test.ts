import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultsInEnvironment } from '../runtimes/testing/index.ts';
import type { Assignment, InstanceStatus } from './protocol.ts';
import type { Supervisor, Ticker } from './supervisor.ts';
import { newApp, openTestHost, primaryRecord, runnerPids, type TestHost } from './test-support/host.ts';
import { until } from './test-support/until.ts';

/** Real runners whose runtime fails in ways a component does not fail on demand. */
let artifact: string;
beforeAll(() => {
  artifact = mkdtempSync(join(tmpdir(), 'faulty-artifact-'));
  writeFileSync(join(artifact, 'app'), 'none');
});
afterAll(() => rmSync(artifact, { recursive: true }));

let host: TestHost;
let app: string;
let scratch: string;
/** Milliseconds that tests have let pass beyond the system's own. */
let ahead: number;
let rounds: Set<() => Promise<void>>;
beforeEach(async () => {
  host = await openTestHost(artifact);
  app = newApp();
  scratch = join(host.home, 'scratch');
  mkdirSync(scratch);
  ahead = 0;
  rounds = new Set();
});
afterEach(() => host.close());

const clock = { now: () => Date.now() + ahead };
const ticker: Ticker = (round) => {
  rounds.add(round);
  return () => rounds.delete(round);
};
const runnerEntry = join(import.meta.dirname, '../runner/testing/faulty-runner.ts');
const start = (): Promise<Supervisor> => host.start({ clock, ticker, runnerEntry, drainMs: 200 });
async function look(afterMs = 0): Promise<void> {
  ahead += afterMs;
  await Promise.all([...rounds].map((round) => round()));
}

/** An assignment of an app whose runtime does this wrong. */
function faulty(generation: number, faults: object = {}, settings: Partial<Assignment['settings']> = {}) {
  const env: FaultsInEnvironment = { FAULTS: JSON.stringify(faults), SCRATCH: scratch };
  const made = host.assignment(app, generation, { env: { ...env } });
  return { ...made, settings: { ...made.settings, ...settings } };
}
const ALWAYS = { lifecycle: 'always_on' } as const;
const told = (type: string) => host.node.events.filter((event) => event.type === type);
const isUp = () => primaryRecord(host.home, app) !== null;
/** What the runtime has made on this machine for its apps, and not removed. */
const traces = () =>
  readdirSync(scratch, { recursive: true }).filter((path) => String(path).endsWith('state'));
async function statusOf(supervisor: Supervisor): Promise<InstanceStatus | undefined> {
  const { apps } = (await (await host.call(supervisor, 'GET', '/v1/apps')).json()) as {
    apps: InstanceStatus[];
  };
  return apps.find((each) => each.app === app);
}
const askedFor = (at: { endpoint: string; runner_key: string }, path: string) =>
  host.visit(at as Parameters<TestHost['visit']>[0], path).catch(() => null);

describe('a start', () => {
  /** Seconds are long enough for a slow machine to come to the fault, where that is not the time itself. */
  it.each([
    ['never ends', 'start', { hangsAtStart: true }, 1, /not ready within 0\.5 s/],
    ['fails late', 'start', { failsAfterMs: 300 }, 10, /The app was told to fail/],
    [
      'leads to an app that is not well',
      'health',
      { saysUnwell: true },
      3,
      /not well within 3 s: it has a cold/,
    ],
    ['leads to one that nobody knows of', 'health', { throwsAtHealth: true }, 3, /cannot say how it does/],
    ['leads to one that never says', 'health', { hangsAtHealth: true }, 3, /does not say|no reply within/],
  ])(
    'that %s is given up: no process stays, the version before serves on',
    async (_, stage, faults, sec, reason) => {
      host.node.assign(faulty(1, {}, ALWAYS));
      const supervisor = await start();
      await until('the first', isUp);
      const { pid } = primaryRecord(host.home, app)!;
      host.node.assign(faulty(2, faults, { ...ALWAYS, health_timeout_sec: sec }));
      await until('the word of it', () => told('assignment_failed').length === 1);
      expect(told('assignment_failed')[0]?.data).toMatchObject({
        app,
        generation: 2,
        stage,
        reason: expect.stringMatching(reason),
      });
      expect(runnerPids(host.home)).toEqual([pid]);
      await look();
      expect(await statusOf(supervisor)).toMatchObject({ state: 'running', generation: 1, pid });
      expect((await host.visit(await host.wake(supervisor, app))).status).toBe(200);
    },
  );

  it('that fails of what has served holds the app back, and the last lines say why', async () => {
    host.node.assign(faulty(1, { failsAfterMs: 50 }));
    const supervisor = await start();
    const refused = await host.call(supervisor, 'POST', `/v1/apps/${app}/wake`);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({
      detail: expect.stringContaining('The app was told to fail'),
      log_tail: [expect.stringContaining('did not start')],
    });
    expect(runnerPids(host.home)).toEqual([]);
  });
});

describe('an app that ends by itself', () => {
  it.each([
    ['with a code', '/exit/3', 'app_crashed', { code: 3, signal: null }],
    ['by a signal', '/signal/SIGSEGV', 'app_crashed', { code: null, signal: 'SIGSEGV' }],
    ['as if it were done', '/exit/0', 'app_stopped', { reason: 'the runner ended by itself' }],
  ])('%s is told with that, and runs again after the back-off', async (_, path, type, data) => {
    host.node.assign(faulty(1, {}, ALWAYS));
    const supervisor = await start();
    await until('the start', isUp);
    const { pid } = primaryRecord(host.home, app)!;
    await askedFor(await host.wake(supervisor, app), path);
    await until('the word of it', () => told('app_restart_changed').length === 1);
    expect(told(type)).toMatchObject([{ data: { app, generation: 1, ...data } }]);
    await look(5_000); // and what has really passed
    expect(isUp()).toBe(false);
    expect(await statusOf(supervisor)).toMatchObject({ state: 'failed', restart_status: 'backoff' });
    await look(6_000);
    await until('the next start', isUp);
    expect(primaryRecord(host.home, app)!.pid).not.toBe(pid);
  });

  it('since it took more memory than its process may have is told with the reason, and the next request starts it', async () => {
    host.node.assign(faulty(1));
    const supervisor = await start();
    await askedFor(await host.wake(supervisor, app), '/hoard');
    await until('the word of it', () => told('app_crashed').length === 1);
    const [crash] = told('app_crashed');
    expect(crash?.data).toMatchObject({ code: 70 }); // the bound is met by an allocation, not by the kernel's choice
    expect(String(crash?.data.log_tail)).toMatch(/allocation failed/i);
    expect((await host.visit(await host.wake(supervisor, app))).status).toBe(200);
  });
});

it('a runner that falls silent after a while is killed after three rounds, not before, and runs again', async () => {
  host.node.assign(faulty(1, {}, ALWAYS));
  const supervisor = await start();
  await until('the start', isUp);
  const { pid, log_file } = primaryRecord(host.home, app)!;
  await look();
  const asked = askedFor(await host.wake(supervisor, app), '/freeze');
  await until('it to freeze', () => readFileSync(log_file, 'utf8').includes('freezing'));
  for (const round of [1, 2]) {
    await look();
    expect(runnerPids(host.home), `after ${round}`).toEqual([pid]);
  }
  await look();
  await until('the word of it', () => told('app_restart_changed').length === 1);
  expect(told('app_crashed')).toMatchObject([{ data: { app, code: null, signal: 'SIGKILL' } }]);
  await asked;
  await look(11_000);
  await until('the next start', isUp);
  expect((await host.visit(await host.wake(supervisor, app))).status).toBe(200);
}, 60_000);

it('an app that falls ill and answers all the same is killed after three rounds, with its complaint in its last words', async () => {
  host.node.assign(faulty(1, { unwellAfter: 5 }, ALWAYS));
  const supervisor = await start();
  await until('the start', isUp);
  const { pid, log_file } = primaryRecord(host.home, app)!;
  const at = await host.wake(supervisor, app);
  await look();
  for (let visit = 0; visit < 5; visit++) expect((await host.visit(at)).status).toBe(200);
  for (const round of [1, 2]) {
    await look();
    expect(runnerPids(host.home), `after ${round}`).toEqual([pid]);
  }
  await look();
  await until('the word of it', () => told('app_restart_changed').length === 1);
  const [crash] = told('app_crashed');
  expect(crash?.data).toMatchObject({ signal: 'SIGKILL' });
  expect(crash?.data.log_tail).toContain('the app is not well: it has a cold');
  const complaints = readFileSync(log_file, 'utf8').match(/not well/g);
  expect(complaints).toHaveLength(1);
  await look(11_000);
  await until('the next start', isUp);
});

it('an app that does not stop is killed when its grace is over, and that is no crash', async () => {
  host.node.assign(faulty(1, { ignoresStop: true }));
  const supervisor = await start();
  await host.wake(supervisor, app);
  expect((await host.call(supervisor, 'POST', `/v1/apps/${app}/stop`)).status).toBe(204);
  expect(runnerPids(host.home)).toEqual([]);
  await until('the word of it', () => told('app_stopped').length === 1);
  expect(await statusOf(supervisor)).toMatchObject({ state: 'stopped', restart_count: 0 });
  expect(told('app_crashed')).toEqual([]);
  expect((await host.visit(await host.wake(supervisor, app))).status).toBe(200);
}, 60_000);

describe('a purge', () => {
  const purged = (position = 9) => ({ ...faulty(1), stopped: true, purge_position: position });

  it('has the runtime remove what running the app has made', async () => {
    host.node.assign(faulty(1));
    const supervisor = await start();
    await host.wake(supervisor, app);
    expect(traces()).toHaveLength(1);
    host.node.assign(purged());
    await until('the word of it', () => told('app_purged').length === 1);
    expect(traces()).toEqual([]);
    expect(runnerPids(host.home)).toEqual([]);
  });

  it('that the runtime fails at is done all the same: nothing runs, nothing is remembered, a deployment begins anew', async () => {
    host.node.assign(faulty(1, { failsAtPurge: true }));
    const supervisor = await start();
    await host.wake(supervisor, app);
    host.node.assign({ ...purged(), env: faulty(1, { failsAtPurge: true }).env });
    await until('the word of it', () => told('app_purged').length === 1);
    expect(runnerPids(host.home)).toEqual([]);
    expect(isUp()).toBe(false);
    expect(told('app_crashed')).toEqual([]);
    host.node.assign({ ...faulty(2), purge_position: 9 });
    await until('its deployment', () =>
      told('assignment_applied').some((event) => event.data.generation === 2),
    );
    expect((await host.visit(await host.wake(supervisor, app))).status).toBe(200);
  });
});

it('an app whose figures cannot be had serves on: it is neither silent nor at rest', async () => {
  host.node.assign(faulty(1, { throwsAtStats: true }));
  const supervisor = await start();
  const at = await host.wake(supervisor, app);
  const { pid } = primaryRecord(host.home, app)!;
  for (let round = 0; round < 5; round++) await look(200_000); // idle_timeout_sec is 300
  expect(runnerPids(host.home)).toEqual([pid]);
  expect((await host.visit(at)).status).toBe(200);
});
