import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Assignment, InstanceStatus } from './protocol.ts';
import type { Supervisor, Ticker } from './supervisor.ts';
import { beforeTheMachine, newApp, primaryRecord, runnerPids } from './test-support/host.ts';
import { tinyHost } from './test-support/tiny-host.ts';
import { until } from './test-support/until.ts';

const host = tinyHost();
let app: string;
/** Milliseconds that tests have let pass beyond the system's own. */
let ahead: number;
let rounds: Set<() => Promise<void>>;
beforeEach(async () => {
  app = newApp();
  ahead = 0;
  rounds = new Set();
});

const clock = { now: () => Date.now() + ahead };
const ticker: Ticker = (round) => {
  rounds.add(round);
  return () => rounds.delete(round);
};
const start = (): Promise<Supervisor> => host.start({ clock, ticker, drainMs: 200 });
/** Lets the monitor look once, after so many milliseconds. */
async function look(afterMs = 0): Promise<void> {
  ahead += afterMs;
  await Promise.all([...rounds].map((round) => round()));
}
/** Looks again and again until something is so. */
const looked = <Value>(what: string, so: () => Value) =>
  until(what, async () => {
    await look();
    return so();
  });
function assigned(
  generation: number,
  lifecycle: 'always_on' | 'on_request',
  changes: Partial<Assignment> = {},
) {
  const made = host.assignment(app, generation, changes);
  return { ...made, settings: { ...made.settings, lifecycle } };
}
const typesOf = () => host.node.events.filter((event) => event.data.app === app).map((event) => event.type);
const count = (type: string) => typesOf().filter((each) => each === type).length;
const isUp = () => primaryRecord(host.home, app) !== null;
async function statusOf(supervisor: Supervisor): Promise<InstanceStatus | undefined> {
  const { apps } = (await (await host.call(supervisor, 'GET', '/v1/apps')).json()) as {
    apps: InstanceStatus[];
  };
  return apps.find((each) => each.app === app);
}

describe('an app that is started by requests', () => {
  it('stops when nobody has asked for it for its idle time, is no failure, and starts with the next request', async () => {
    host.node.assign(assigned(1, 'on_request'));
    const supervisor = await start();
    const at = await host.wake(supervisor, app);
    await host.visit(at);
    await look(299_000);
    expect(isUp()).toBe(true);
    await host.visit(at); // a request that the supervisor hears of from the runner alone
    await look(2_000);
    await look(298_000);
    expect(isUp()).toBe(true);
    await look(2_000);
    await until('the word of it', () => count('app_idled') === 1);
    expect(runnerPids(host.home)).toEqual([]);
    expect(await statusOf(supervisor)).toMatchObject({ state: 'idle', restart_count: 0, last_error: null });
    await host.wake(supervisor, app);
    expect(count('app_restart_changed')).toBe(0);
  });

  it('is started once by fifty first requests, and all are answered', async () => {
    host.node.assign(assigned(1, 'on_request'));
    const supervisor = await start();
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => (await host.visit(await host.wake(supervisor, app))).status),
    );
    expect(new Set(answers)).toEqual(new Set([200]));
    await until('the report', () => count('app_started') === 1);
    expect(runnerPids(host.home)).toHaveLength(1);
  });

  it('serves requests that come while it is being stopped, by the next start', async () => {
    host.node.assign(assigned(1, 'on_request'));
    const supervisor = await start();
    await host.wake(supervisor, app);
    const { pid } = primaryRecord(host.home, app)!;
    const stopped = host.call(supervisor, 'POST', `/v1/apps/${app}/stop`);
    // As the edge does: an endpoint that refuses is asked for again.
    const visit = async (): Promise<number> => {
      const at = await host.wake(supervisor, app);
      return host.visit(at).then(({ status }) => status, visit);
    };
    const answers = await Promise.all(Array.from({ length: 10 }, visit));
    expect((await stopped).status).toBe(204);
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(await host.visit(await host.wake(supervisor, app))).toMatchObject({ status: 200 });
    expect(primaryRecord(host.home, app)!.pid).not.toBe(pid);
  });

  it('is never stopped for being idle while it is pinned', async () => {
    host.node.assign(assigned(1, 'on_request', { pinned: true }));
    await start();
    await until('the start', () => count('app_started') === 1);
    await look();
    await look(400_000);
    expect(isUp()).toBe(true);
    host.node.assign(assigned(1, 'on_request'));
    await looked('the idle stop once it is not', () => count('app_idled') === 1);
  });
});

describe('an app that is always on', () => {
  it('is started again after the back-off, and is parked at the tenth failure until it is reset', async () => {
    host.node.assign(assigned(1, 'always_on'));
    let supervisor = await start();
    for (const failures of [1, 2]) {
      await looked('the start', isUp);
      process.kill(primaryRecord(host.home, app)!.pid, 'SIGKILL');
      await until('the word of it', () => count('app_restart_changed') === failures);
      expect(await statusOf(supervisor)).toMatchObject({
        restart_status: 'backoff',
        restart_count: failures,
      });
      await look(failures * 10_000 - 2_000);
      expect(await statusOf(supervisor)).toMatchObject({ state: 'failed' });
      expect(runnerPids(host.home)).toEqual([]);
      ahead += 2_000;
    }
    // The count outlives the supervisor, and so does the wait.
    for (let failures = 3; failures <= 10; failures++) {
      await looked('the start', isUp);
      process.kill(primaryRecord(host.home, app)!.pid, 'SIGKILL');
      await until('the word of it', () => count('app_restart_changed') === failures);
      ahead += 300_000;
    }
    const last = host.node.events.findLast((event) => event.type === 'app_restart_changed');
    expect(last?.data).toMatchObject({ status: 'parked', failures: 10, retry_at: null });
    await supervisor.close();
    supervisor = await start();
    await look(1_000_000);
    const refused = await host.call(supervisor, 'POST', `/v1/apps/${app}/wake`);
    expect(refused.status).toBe(503);
    expect(await refused.text()).toContain(`tabbify reset ${app}`);
    expect(runnerPids(host.home)).toEqual([]);
    host.node.assign(assigned(1, 'always_on', { reset_position: 77 }));
    await until('the start after the reset', async () => (await statusOf(supervisor))?.state === 'running');
    expect(await statusOf(supervisor)).toMatchObject({ restart_count: 0 });
  }, 60_000);

  it('comes back with the node away, and forgets its failure after a minute of health', async () => {
    host.node.assign(assigned(1, 'always_on'));
    await start();
    await until('the start', () => count('assignment_applied') === 1);
    host.node.setAway(true);
    process.kill(primaryRecord(host.home, app)!.pid, 'SIGKILL');
    await until('the end of it', () => !isUp());
    ahead += 10_000;
    await looked('the start', isUp);
    ahead += 60_000;
    await look();
    host.node.setAway(false);
    await looked('all words of it', () => count('app_restart_changed') === 2);
    expect(typesOf().slice(-4)).toEqual([
      'app_crashed',
      'app_restart_changed',
      'app_started',
      'app_restart_changed',
    ]);
  });

  it('is replaced when its runner lives and does not answer', async () => {
    host.node.assign(assigned(1, 'always_on'));
    await start();
    await until('the start', isUp);
    const { pid } = primaryRecord(host.home, app)!;
    process.kill(pid, 'SIGSTOP');
    await looked('its end', () => primaryRecord(host.home, app)?.pid !== pid);
    ahead += 10_000;
    await looked('the next', isUp);
    expect(primaryRecord(host.home, app)!.pid).not.toBe(pid);
    await until('the word of it', () => count('app_started') === 2);
    expect(typesOf()).toContain('app_crashed');
  }, 40_000);

  it('whose new version failed is not tried again by a restart of the host: what ran before runs on', async () => {
    host.node.assign(assigned(1, 'always_on'));
    const first = await start();
    await until('the start', () => count('assignment_applied') === 1);
    host.node.assign(assigned(2, 'always_on', { digest: '0'.repeat(64) }));
    await until('the failure', () => count('assignment_failed') === 1);
    await first.close();
    const { pid } = primaryRecord(host.home, app)!;
    process.kill(pid, 'SIGKILL');
    beforeTheMachine(host.home, app);
    host.node.setAway(true);
    await start();
    await looked('what was good', isUp);
    expect(primaryRecord(host.home, app)).toMatchObject({ generation: 1 });
    host.node.setAway(false);
    await until('its words', () => count('app_started') === 2);
    expect(count('assignment_failed')).toBe(1);
    expect(count('app_restart_changed')).toBe(0);
  });

  it('that is returned to after a version failed goes on in the process that it has', async () => {
    const good = assigned(1, 'always_on');
    host.node.assign(good);
    const first = await start();
    await until('the start', () => count('assignment_applied') === 1);
    const { pid } = primaryRecord(host.home, app)!;
    const fails = async (generation: number) => {
      const before = count('assignment_failed');
      host.node.assign(assigned(generation, 'always_on', { digest: '0'.repeat(64) }));
      await until('the failure', () => count('assignment_failed') === before + 1);
    };
    await fails(2);
    host.node.assign({ ...good, generation: 3, pinned: true });
    await until('the word of the return', () => count('assignment_applied') === 2);
    expect(await statusOf(first)).toMatchObject({ state: 'running', pid, last_error: null });
    await fails(4); // and once more, after a restart of the host
    await first.close();
    const second = await start();
    host.node.assign({ ...good, generation: 5 });
    await until('the word of the second return', () => count('assignment_applied') === 3);
    expect(await statusOf(second)).toMatchObject({ state: 'running', pid, generation: 1 });
    expect(runnerPids(host.home)).toEqual([pid]);
    host.node.assign({ ...good, generation: 6 });
    await until('a deployment of the same', () => (primaryRecord(host.home, app)?.generation ?? 0) === 6);
    expect(primaryRecord(host.home, app)).not.toMatchObject({ pid });
  });

  it('whose first version failed is not tried again by a restart of the host either', async () => {
    host.node.assign(assigned(1, 'always_on', { digest: '0'.repeat(64) }));
    const first = await start();
    await until('the failure', () => count('assignment_failed') === 1);
    await first.close();
    host.node.assign(host.assignment(newApp(), 1), assigned(1, 'always_on', { digest: '0'.repeat(64) }));
    await start();
    await look(400_000);
    await until('the other app', () => host.node.events.some((event) => event.type === 'assignment_applied'));
    expect(typesOf()).toEqual(['assignment_failed']);
  });
});

describe('what is asked for while the host is away', () => {
  it('is carried out once: a restart starts a second runner beside the first', async () => {
    host.node.assign(assigned(1, 'always_on'));
    const first = await start();
    await until('the start', () => count('app_started') === 1);
    const { pid } = primaryRecord(host.home, app)!;
    await first.close();
    host.node.assign(assigned(1, 'always_on', { restart_position: 40 }));
    const second = await start();
    await until('another runner', () => (primaryRecord(host.home, app)?.pid ?? pid) !== pid);
    const { pid: next } = primaryRecord(host.home, app)!;
    await until('the end of the first', () => !runnerPids(host.home).includes(pid));
    await second.close();
    await start();
    await until('the adoption', () => host.node.events.filter((event) => event.data.adopted).length === 2);
    expect(runnerPids(host.home)).toEqual([next]);
  });

  it('what an app has stored goes with the purge that says so, and with no other', async () => {
    const stored = join(host.home, 'data', app, 'production', 'kv.db');
    mkdirSync(join(stored, '..'), { recursive: true });
    writeFileSync(stored, 'what it has stored');
    const purged = (purge_position: number, purge_data_position: number) =>
      assigned(1, 'always_on', {
        ...{ stopped: true, stop_position: purge_position, purge_position, purge_data_position },
      });
    host.node.assign(purged(50, 0));
    const supervisor = await start();
    await until('the first purge', () => count('app_purged') === 1);
    expect(readFileSync(stored, 'utf8')).toBe('what it has stored');
    const sizes = await host.call(supervisor, 'GET', `/v1/apps/${app}/data`);
    expect(await sizes.json()).toEqual({ environments: [{ environment: 'production', bytes: 18 }] });
    host.node.assign(purged(60, 60));
    await until('the second purge', () => count('app_purged') === 2);
    expect(existsSync(join(host.home, 'data', app))).toBe(false);
    writeFileSync(join(host.home, 'data', 'canary'), 'of nobody');
    mkdirSync(join(stored, '..'), { recursive: true });
    writeFileSync(stored, 'of the next one');
    host.node.assign(purged(70, 60)); // that one was carried out
    await until('the third purge', () => count('app_purged') === 3);
    expect(readFileSync(stored, 'utf8')).toBe('of the next one');
    expect(readdirSync(join(host.home, 'data')).sort()).toEqual([app, 'canary'].sort());
  });

  it('a purge leaves nothing of the app on the host, and nothing else is touched', async () => {
    const other = newApp();
    host.node.assign(assigned(1, 'always_on'), host.assignment(other, 1, { pinned: true }));
    const first = await start();
    await until('both', () => isUp() && primaryRecord(host.home, other) !== null);
    await until('what is said', () => count('assignment_applied') === 1);
    await first.close();
    const kept = { stopped: true, stop_position: 50, purge_position: 50 };
    host.node.assign(assigned(1, 'always_on', kept), host.assignment(other, 1, { pinned: true }));
    const second = await start();
    await until('the purge', () => count('app_purged') === 1);
    expect(host.node.events.find((event) => event.type === 'app_purged')?.data).toEqual({
      ...{ app, generation: 1, purge_position: 50 },
    });
    const left = readdirSync(join(host.home, 'runners'));
    expect(left.filter((name) => name.startsWith(app))).toEqual([]);
    expect(left).toContain(`${other}.log`);
    expect(runnerPids(host.home)).toEqual([primaryRecord(host.home, other)!.pid]);
    const { digest } = host.assignment(app, 1);
    expect(existsSync(join(host.home, 'cache', 'artifacts', digest))).toBe(true); // the other app runs it
    expect((await host.call(second, 'POST', `/v1/apps/${app}/wake`)).status).toBe(404);
    host.node.assign(); // as the node does, who has heard of it
    await until('the artifact of the last to be kept', () => runnerPids(host.home).length === 0);
    expect(existsSync(join(host.home, 'supervisor', 'test', 'apps', `${app}.json`))).toBe(false);
    expect(count('app_purged')).toBe(1);
  });
});
