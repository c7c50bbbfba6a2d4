import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { processBytes } from '../runtimes/index.ts';
import { newApp, primaryRecord, runnerPids } from './test-support/host.ts';
import { tinyHost } from './test-support/tiny-host.ts';
import { until } from './test-support/until.ts';

const host = tinyHost();

const typesOf = (): string[] => host.node.events.map((event) => event.type);

async function eventOf(type: string) {
  try {
    return await until(`event ${type}`, () => host.node.events.find((e) => e.type === type));
  } catch (cause) {
    throw new Error(`none of type ${type} among ${host.node.events.map((e) => e.type)}`, { cause });
  }
}

describe('joining', () => {
  it('joins with the owner credential, keeps its own, and announces where it is', async () => {
    const supervisor = await host.start();
    expect(host.node.presence()).toMatchObject({
      url: supervisor.url,
      tags: ['wasm-http'],
      runtimes: [
        {
          kind: 'wasm-http',
          isolation: 'wasm-bare',
          limits: { memory: 'enforced', fuel: 'enforced', cpu: 'unsupported' },
        },
      ],
    });
    const file = join(host.home, 'supervisor-test.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ name: 'test', credential: 'credential-1' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('comes back with the credential it has, and gets another when that is not known any more', async () => {
    await (await host.start()).close();
    await (await host.start()).close();
    expect(host.node.joins()).toBe(1);
    host.node.revoke();
    await host.start();
    expect(host.node.joins()).toBe(2);
  });
});

describe('an app that starts on request', () => {
  it('is reported as idle, and nothing runs until it is woken', async () => {
    const app = newApp();
    await host.start();
    host.node.assign(host.assignment(app, 1));
    const applied = await eventOf('assignment_applied');
    expect(applied).toMatchObject({
      segment: 'platform.hosts.test',
      subject: `app/${app}`,
      actor: 'supervisor:test',
      data: { app, generation: 1, outcome: 'idle' },
    });
    expect(runnerPids(host.home)).toEqual([]);
  });

  it('is started once however many ask at the same time, and answers with the key alone', async () => {
    const app = newApp();
    host.node.assign(host.assignment(app, 1));
    const supervisor = await host.start();
    const woken = await Promise.all(Array.from({ length: 8 }, () => host.wake(supervisor, app)));
    expect(new Set(woken.map((at) => at.endpoint)).size).toBe(1);
    expect(runnerPids(host.home)).toHaveLength(1);
    const [at] = woken;
    expect((await host.visit(at!)).status).toBe(200);
    const withoutKey = await fetch(`${at!.endpoint}/`);
    expect(withoutKey.status).toBe(403);
    expect(await withoutKey.text()).not.toContain('tiny');
    await eventOf('app_started');
  });

  it('has a record that only its owner reads, and a socket likewise', async () => {
    const app = newApp();
    host.node.assign(host.assignment(app, 1));
    const supervisor = await host.start();
    const at = await host.wake(supervisor, app);
    const record = primaryRecord(host.home, app)!;
    expect(record).toMatchObject({ app, generation: 1, endpoint: at.endpoint });
    expect(runnerPids(host.home)).toEqual([record.pid]);
    expect(statSync(join(host.home, 'runners', `${app}.json`)).mode & 0o777).toBe(0o600);
    expect(statSync(record.socket).mode & 0o777).toBe(0o600);
    const argv = readFileSync(`/proc/${record.pid}/cmdline`, 'utf8');
    const environment = readFileSync(`/proc/${record.pid}/environ`, 'utf8').split('\0').filter(Boolean);
    expect(argv).not.toContain(record.runner_key);
    expect(environment).toEqual([expect.stringMatching(/^NODE_COMPILE_CACHE=/)]);
  });

  it('starts as soon as its program can be laid down, without a restart of the office', async () => {
    const app = newApp();
    host.node.assign(host.assignment(app, 1));
    const inTheWay = join(host.home, 'runtime');
    writeFileSync(inTheWay, 'no folder');
    const supervisor = await host.start();
    const refused = await host.call(supervisor, 'POST', `/v1/apps/${app}/wake`);
    expect(refused.status).toBe(500);
    rmSync(inTheWay);
    expect((await host.visit(await host.wake(supervisor, app))).status).toBe(200);
  });

  it('has its memory bounded, and goes before others when that of the machine is short', async () => {
    const app = newApp();
    const memory_mb = 100;
    const { settings } = host.assignment(app, 1);
    host.node.assign(host.assignment(app, 1, { settings: { ...settings, memory_mb } }));
    const supervisor = await host.start();
    await host.wake(supervisor, app);
    const [pid] = runnerPids(host.home);
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    expect(limits).toMatch(new RegExp(`^Max data size +${processBytes(memory_mb)} `, 'm'));
    expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8')).toBe('500\n');
  });

  it('stops when asked, says so, and wakes again', async () => {
    const app = newApp();
    host.node.assign(host.assignment(app, 1));
    const supervisor = await host.start();
    await host.wake(supervisor, app);
    const reply = await host.call(supervisor, 'POST', `/v1/apps/${app}/stop`);
    expect(reply.status).toBe(204);
    expect(runnerPids(host.home)).toEqual([]);
    expect(primaryRecord(host.home, app)).toBeNull();
    expect((await eventOf('app_stopped')).data).toMatchObject({ app, generation: 1 });
    await host.wake(supervisor, app);
    expect(runnerPids(host.home)).toHaveLength(1);
  });
});

describe('a runner that dies', () => {
  it('is reported with what it said last, and the next request starts it again', async () => {
    const app = newApp();
    host.node.assign(host.assignment(app, 1));
    const supervisor = await host.start();
    await host.wake(supervisor, app);
    process.kill(primaryRecord(host.home, app)!.pid, 'SIGKILL');
    const crashed = await eventOf('app_crashed');
    expect(crashed.data).toMatchObject({ app, generation: 1, code: null, signal: 'SIGKILL' });
    expect(crashed.data.log_tail).toContainEqual(expect.stringContaining('serves'));
    const at = await host.wake(supervisor, app);
    expect((await host.visit(at)).status).toBe(200);
  });

  it('is noticed as well when it was adopted', async () => {
    const app = newApp();
    host.node.assign(host.assignment(app, 1));
    const first = await host.start();
    await host.wake(first, app);
    await first.close();
    await host.start();
    process.kill(primaryRecord(host.home, app)!.pid, 'SIGKILL');
    expect((await eventOf('app_crashed')).data).toMatchObject({ app, generation: 1 });
  });
});

describe('the next supervisor', () => {
  it('adopts what serves, with the same pid, and says so', async () => {
    const app = newApp();
    host.node.assign(host.assignment(app, 1));
    const first = await host.start();
    const at = await host.wake(first, app);
    const { pid } = primaryRecord(host.home, app)!;
    await first.close();
    expect((await host.visit(at)).status).toBe(200);
    const second = await host.start();
    const adopted = await until('the adoption', () => host.node.events.find((event) => event.data.adopted));
    expect(adopted.data).toMatchObject({ app, pid, generation: 1 });
    expect(await host.wake(second, app)).toEqual(at);
    expect(runnerPids(host.home)).toEqual([pid]);
  });

  it('goes on with what it was told last while the node is away', async () => {
    const app = newApp();
    host.node.assign(host.assignment(app, 1));
    const first = await host.start();
    await eventOf('assignment_applied');
    const key = () => host.node.presence()!.control_key;
    await first.close();
    host.node.setAway(true);
    const always = host.assignment(app, 1);
    expect(
      JSON.parse(readFileSync(join(host.home, 'supervisor', 'test', 'desired.json'), 'utf8')),
    ).toMatchObject({
      assignments: [always],
    });
    const second = await host.start();
    expect(
      (await fetch(`${second.url}/v1/apps`, { headers: { authorization: `Bearer ${key()}` } })).status,
    ).toBe(401);
    host.node.setAway(false);
    await until('contact', () => host.node.presence()?.url === second.url);
    await host.wake(second, app);
  });
});

describe('a new generation', () => {
  /** Also the start has to come to its end within it, on a busy machine as well. */
  const BRIEF = { health_timeout_sec: 4 };

  it('takes the place of the old one without a failed request', async () => {
    const app = newApp();
    host.node.assign(host.assignment(app, 1));
    const supervisor = await host.start({ drainMs: 300 });
    const old = await host.wake(supervisor, app);
    const oldPid = primaryRecord(host.home, app)!.pid;
    const statuses: number[] = [];
    let at = old;
    let over = false;
    const visitor = (async () => {
      while (!over) {
        at = await host.wake(supervisor, app);
        statuses.push((await host.visit(at)).status);
      }
    })();
    host.node.assign(host.assignment(app, 2));
    await until('generation 2', () => at.generation === 2);
    await until('the end of the old one', () => !runnerPids(host.home).includes(oldPid));
    over = true;
    await visitor;
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(primaryRecord(host.home, app)).toMatchObject({ generation: 2, version: 2 });
    const applied = host.node.events.filter((event) => event.type === 'assignment_applied');
    expect(applied.map((event) => event.data)).toMatchObject([
      { generation: 1, outcome: 'idle' },
      { generation: 2, outcome: 'running' },
    ]);
  });

  it('that never answers leaves the old one serving and is reported with its last words', async () => {
    const app = newApp();
    const good = host.assignment(app, 1);
    host.node.assign(good);
    const supervisor = await host.start();
    const at = await host.wake(supervisor, app);
    const hung = { ...good.settings, health_path: '/loop', fuel_per_request: 1e15, ...BRIEF };
    host.node.assign(host.assignment(app, 2, { settings: hung }));
    const failed = await eventOf('assignment_failed');
    expect(failed.data).toMatchObject({ app, generation: 2, stage: 'health' });
    expect(failed.data.reason).toContain('/loop');
    expect(failed.data.log_tail).toContainEqual(expect.stringContaining('version 2 serves'));
    expect(await host.wake(supervisor, app)).toEqual(at);
    expect((await host.visit(at)).status).toBe(200);
    expect(runnerPids(host.home)).toHaveLength(1);
  });

  it.each([
    ['500 on its front page', { fuel_per_request: 10 }, 'it answered 500'],
    ['404 on the health path it has named', { health_path: '/nowhere' }, 'it answered 404'],
  ])(
    'that answers %s leaves the old one serving and is reported with its last words',
    async (_, how, why) => {
      const app = newApp();
      const good = host.assignment(app, 1);
      host.node.assign(good);
      const supervisor = await host.start();
      const at = await host.wake(supervisor, app);
      const settings = { ...good.settings, ...how, ...BRIEF };
      host.node.assign(host.assignment(app, 2, { settings }));
      const failed = await eventOf('assignment_failed');
      expect(failed.data).toMatchObject({ app, generation: 2, stage: 'health' });
      expect(failed.data.reason).toContain(why);
      expect(failed.data.log_tail).toContainEqual(expect.stringContaining('version 2 serves'));
      expect(await host.wake(supervisor, app)).toEqual(at);
      expect((await host.visit(at)).status).toBe(200);
      expect(runnerPids(host.home)).toEqual([primaryRecord(host.home, app)!.pid]);
    },
  );

  it('that turns bad after it was accepted is started for its visitors all the same', async () => {
    const app = newApp();
    const { settings } = host.assignment(app, 1);
    host.node.assign(host.assignment(app, 1, { settings: { ...settings, fuel_per_request: 10 } }));
    const supervisor = await host.start();
    await eventOf('assignment_applied'); // by its artifact alone: it starts with a request
    expect((await host.visit(await host.wake(supervisor, app))).status).toBe(500);
  });

  it('whose artifact is not what the log says is refused', async () => {
    const app = newApp();
    await host.start();
    host.node.assign(host.assignment(app, 1, { digest: '0'.repeat(64) }));
    expect((await eventOf('assignment_failed')).data).toMatchObject({ app, generation: 1, stage: 'fetch' });
  });

  it('whose artifact was changed in the store is refused, and nothing of it starts', async () => {
    const app = newApp();
    const stored = join(host.home, 'objects/artifacts/tiny');
    for (const entry of readdirSync(stored, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name === 'digest.json') continue;
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      writeFileSync(
        join(entry.parentPath, entry.name),
        bytes.map((byte) => byte ^ 1),
      );
    }
    const supervisor = await host.start();
    host.node.assign(host.assignment(app, 1));
    expect((await eventOf('assignment_failed')).data).toMatchObject({ app, generation: 1, stage: 'fetch' });
    const woken = await host.call(supervisor, 'POST', `/v1/apps/${app}/wake`);
    expect([woken.ok, runnerPids(host.home)]).toEqual([false, []]);
  });

  it('lower than the one seen is not followed', async () => {
    const app = newApp();
    host.node.assign(host.assignment(app, 5));
    const supervisor = await host.start();
    const at = await host.wake(supervisor, app);
    host.node.assign(host.assignment(app, 4), host.assignment(newApp(), 1));
    await until(
      'the other app',
      () => typesOf().filter((type) => type === 'assignment_applied').length === 2,
    );
    expect(await host.wake(supervisor, app)).toEqual(at);
  });
});

describe('an app that is always on', () => {
  it('starts at once, and stops when the host is not to run it any more', async () => {
    const app = newApp();
    const { settings } = host.assignment(app, 1);
    await host.start();
    host.node.assign(host.assignment(app, 1, { settings: { ...settings, lifecycle: 'always_on' } }));
    expect((await eventOf('assignment_applied')).data).toMatchObject({ outcome: 'running' });
    expect(runnerPids(host.home)).toHaveLength(1);
    host.node.assign();
    expect((await eventOf('app_stopped')).data).toMatchObject({ app, reason: 'unassigned' });
    expect(runnerPids(host.home)).toEqual([]);
  });
});

describe('an app that stands stopped', () => {
  it('is stopped when it runs, and goes on when a request woke it afterwards', async () => {
    const app = newApp();
    host.node.assign(host.assignment(app, 1));
    const supervisor = await host.start();
    await host.wake(supervisor, app);
    host.node.assign(host.assignment(app, 1, { stopped: true, stop_position: 7 }));
    expect((await eventOf('app_stopped')).data).toMatchObject({ reason: 'stopped' });
    const at = await host.wake(supervisor, app);
    host.node.assign(
      host.assignment(app, 1, { stopped: true, stop_position: 7 }),
      host.assignment(newApp(), 1),
    );
    await until(
      'the other app',
      () => typesOf().filter((type) => type === 'assignment_applied').length === 2,
    );
    expect(await host.wake(supervisor, app)).toEqual(at);
    await supervisor.close();
    expect(await host.wake(await host.start(), app)).toEqual(at);
  });

  it('is stopped as often as that is asked for, though requests wake it in between', async () => {
    const app = newApp();
    host.node.assign(host.assignment(app, 1));
    const supervisor = await host.start();
    for (const stop_position of [7, 9]) {
      await host.wake(supervisor, app);
      host.node.assign(host.assignment(app, 1, { stopped: true, stop_position }));
      await until('the runner to be gone', () => runnerPids(host.home).length === 0);
    }
  });
});

describe('observations', () => {
  it('wait in order while the node is away', async () => {
    const app = newApp();
    host.node.assign(host.assignment(app, 1));
    const supervisor = await host.start();
    await eventOf('assignment_applied');
    const { control_key } = host.node.presence()!;
    host.node.setAway(true);
    const headers = { authorization: `Bearer ${control_key}` };
    const woken = await fetch(`${supervisor.url}/v1/apps/${app}/wake`, { method: 'POST', headers });
    expect(woken.status).toBe(200);
    await fetch(`${supervisor.url}/v1/apps/${app}/stop`, { method: 'POST', headers });
    expect(typesOf()).toEqual(['assignment_applied']);
    host.node.setAway(false);
    await eventOf('app_stopped');
    expect(typesOf()).toEqual(['assignment_applied', 'app_started', 'app_stopped']);
  });
});
