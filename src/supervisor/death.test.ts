import { beforeEach, describe, expect, it } from 'vitest';
import { startTimeOf } from '../kit/index.ts';
import type { SupervisorPoint } from './points.ts';
import type { Assignment } from './protocol.ts';
import { beforeTheMachine, newApp, primaryRecord, runnerPids } from './test-support/host.ts';
import { tinyHost } from './test-support/tiny-host.ts';
import { until } from './test-support/until.ts';

const host = tinyHost();
let app: string;
/** Milliseconds that a test has let pass beyond the system's own. */
let ahead: number;
beforeEach(async () => {
  app = newApp();
  ahead = 0;
});

const clock = { now: () => Date.now() + ahead };
const eventsOf = () => host.node.events.filter((event) => event.data.app === app);
const typesOf = () => eventsOf().map((event) => event.type);
const isUp = () => primaryRecord(host.home, app) !== null;
function assign(lifecycle: 'always_on' | 'on_request', changes: Partial<Assignment> = {}): void {
  const made = host.assignment(app, 1, changes);
  host.node.assign({ ...made, settings: { ...made.settings, lifecycle } });
}
async function killRunner(): Promise<void> {
  const { pid } = primaryRecord(host.home, app)!;
  process.kill(pid, 'SIGKILL');
  await until('its end', () => startTimeOf(pid) === null);
}

/** A supervisor that gets no further than this point, as one that is killed there; what it holds in memory is lost. */
function startUpTo(point: SupervisorPoint) {
  const reached = Promise.withResolvers<void>();
  const hook = (passed: SupervisorPoint) => {
    if (passed !== point) return;
    reached.resolve();
    return new Promise<never>(() => {});
  };
  return { supervisor: host.start({ clock, hook, ticker: () => () => {} }), reached: reached.promise };
}

describe('a crash that no supervisor saw', () => {
  it('counts, so that an app whose supervisor restarts in a loop backs off', async () => {
    assign('always_on');
    await (await host.start({ clock })).close();
    for (const failures of [1, 2, 3]) {
      const supervisor = await host.start({ clock });
      await until('the start', isUp);
      await until(
        'the word of it',
        () => typesOf().filter((type) => type === 'app_started').length >= failures,
      );
      await supervisor.close();
      const { started_at } = primaryRecord(host.home, app)!;
      await killRunner();
      const next = await host.start({ clock });
      const told = () => eventsOf().filter(({ type }) => type === 'app_restart_changed');
      await until('the failure', () => told().length === failures);
      expect(told().at(-1)?.data).toMatchObject({
        failures,
        status: 'backoff',
        retry_at: new Date(Date.parse(started_at) + 10_000 * 2 ** (failures - 1)).toISOString(),
      });
      await until('the record to go', () => !isUp());
      expect(runnerPids(host.home)).toEqual([]); // it waits
      await next.close();
      ahead += 10_000 * 2 ** (failures - 1);
    }
    expect(typesOf().filter((type) => type === 'app_crashed')).toHaveLength(3);
  });

  it('counts once, also when the next supervisor dies right after it was counted', async () => {
    assign('on_request');
    const first = await host.start();
    await host.wake(first, app);
    await first.close();
    await killRunner();
    await startUpTo('failure counted').reached;
    expect(isUp()).toBe(true); // the record of the dead one
    const next = await host.start();
    await until('the record to go', () => !isUp());
    await until('all to be told', () => typesOf().includes('app_restart_changed'));
    expect(await (await host.call(next, 'GET', '/v1/apps')).json()).toMatchObject({
      apps: [{ app, restart_count: 1 }],
    });
    await (await host.start()).close();
    expect(typesOf().filter((type) => /crashed|restart/.test(type))).toEqual([
      'app_crashed',
      'app_restart_changed',
    ]);
  });

  it('is none when the machine went down', async () => {
    assign('always_on');
    const first = await host.start();
    await until('the start', () => typesOf().includes('app_started'));
    await first.close();
    await killRunner();
    beforeTheMachine(host.home, app);
    await host.start();
    await until('the next start', () => typesOf().filter((type) => type === 'app_started').length === 2);
    expect(typesOf().slice(2)).toEqual(['app_stopped', 'app_started']);
    expect(eventsOf()[2]?.data.reason).toBe('the machine was restarted');
  });
});

describe('a stop that its supervisor does not live to finish', () => {
  it.each([
    ['before the runner is told', 'end noted'],
    ['when the runner has ended', 'runner stopped'],
    ['when it is told', 'end told'],
  ] as const)('is carried out by the next one, and is no crash: %s', async (_, point) => {
    assign('on_request');
    const { supervisor, reached } = startUpTo(point);
    const first = await supervisor;
    await host.wake(first, app);
    assign('on_request', { stopped: true, stop_position: 7 });
    await reached;
    expect(primaryRecord(host.home, app)).toMatchObject({ ended_for: 'stopped' });
    await host.start();
    await until('the record to go', () => !isUp());
    await until('the word of it', () => typesOf().includes('app_stopped'));
    expect(runnerPids(host.home)).toEqual([]);
    await (await host.start()).close();
    expect(typesOf()).toEqual(['assignment_applied', 'app_started', 'app_stopped']);
    expect(eventsOf()[2]?.data).toEqual({ app, generation: 1, reason: 'stopped' });
  });

  it('is told as idle when nobody had asked for the app', async () => {
    assign('on_request');
    let look = async () => {};
    const reached = Promise.withResolvers<void>();
    const first = await host.start({
      clock,
      ticker: (round) => {
        look = round;
        return () => {};
      },
      hook: (point) => {
        if (point !== 'end noted') return;
        reached.resolve();
        return new Promise<never>(() => {});
      },
    });
    await host.wake(first, app);
    await look();
    ahead = 301_000;
    void look();
    await reached.promise;
    await host.start();
    await until('the word of it', () => typesOf().includes('app_idled'));
    expect(typesOf().filter((type) => /stopped|crashed|restart/.test(type))).toEqual([]);
    await until('its end', () => runnerPids(host.home).length === 0);
  });
});

it('tells of a runner that ended by itself once, whoever dies meanwhile', async () => {
  assign('on_request');
  const { supervisor, reached } = startUpTo('end told');
  await host.wake(await supervisor, app);
  process.kill(primaryRecord(host.home, app)!.pid, 'SIGTERM');
  await reached;
  await host.start();
  await until('the record to go', () => !isUp());
  await until('the word of it', () => typesOf().includes('app_stopped'));
  await (await host.start()).close();
  expect(typesOf()).toEqual(['assignment_applied', 'app_started', 'app_stopped']);
  expect(eventsOf()[2]?.data.reason).toBe('the runner ended by itself');
});

it('tells of a start that an earlier supervisor did not live to tell, once', async () => {
  assign('on_request');
  const { supervisor, reached } = startUpTo('record flipped');
  void host.wake(await supervisor, app).catch(() => {});
  await reached;
  const { pid } = primaryRecord(host.home, app)!;
  for (const adoptions of [1, 2]) {
    const next = await host.start();
    await until('the adoption', () => eventsOf().filter(({ data }) => data.adopted).length === adoptions);
    await next.close();
  }
  const starts = eventsOf().filter(({ type }) => type === 'app_started');
  expect(starts.map(({ data }) => [data.pid, data.adopted])).toEqual([
    [pid, false],
    [pid, true],
    [pid, true],
  ]);
});
