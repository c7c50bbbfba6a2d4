import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startTimeOf } from '../../kit/index.ts';
import { type RunnerSpec, sendControl } from '../../runner/index.ts';
import { processBytes } from '../../runtimes/index.ts';
import { startElsewhere } from '../test-support/elsewhere.ts';
import { newApp, primaryRecord, runnerPids } from '../test-support/host.ts';
import { tinyHost } from '../test-support/tiny-host.ts';
import { until } from '../test-support/until.ts';

const host = tinyHost();

/** Waits until so many hosts wait for an app, and each can be talked to. */
function poolOf(count: number): Promise<readonly number[]> {
  return until(`${count} empty hosts`, () => {
    const serving = new Set(apps().map((app) => primaryRecord(host.home, app)?.pid));
    const pids = runnerPids(host.home).filter((pid) => !serving.has(pid));
    return pids.length === count && pids.every(isListening) ? pids : null;
  });
}

function apps(): string[] {
  try {
    return readdirSync(join(host.home, 'runners')).flatMap(
      (name) => name.match(/^([0-9a-f-]{36})\.json$/)?.[1] ?? [],
    );
  } catch {
    return [];
  }
}

const argumentsOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8');
const socketOf = (pid: number): string => /--socket=([^\0]+)/.exec(argumentsOf(pid))?.[1] ?? '';
const isListening = (pid: number): boolean => existsSync(socketOf(pid));

it('gives a host that waited to the app that is woken, and starts another afterwards', async () => {
  const app = newApp();
  host.node.assign(host.assignment(app, 1));
  const supervisor = await host.start({ warmHosts: 1 });
  const [waiting] = await poolOf(1);
  const at = await host.wake(supervisor, app);
  expect((await host.visit(at)).status).toBe(200);
  const record = primaryRecord(host.home, app)!;
  expect(record).toMatchObject({ pid: waiting, app, generation: 1, socket: socketOf(waiting!) });
  expect(readFileSync(record.log_file, 'utf8')).toContain('version 1 serves');
  const [next] = await poolOf(1);
  expect(next).not.toBe(waiting);
});

it('bounds and ranks such a runner as any other, and has its output in the log of its app', async () => {
  const app = newApp();
  const { settings } = host.assignment(app, 1);
  host.node.assign(host.assignment(app, 1, { settings: { ...settings, memory_mb: 100 } }));
  const supervisor = await host.start({ warmHosts: 1 });
  const [pid] = await poolOf(1);
  await host.wake(supervisor, app);
  expect(primaryRecord(host.home, app)!.pid).toBe(pid);
  const bytes = processBytes(100);
  expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(
    new RegExp(`^Max data size +${bytes} +${bytes} `, 'm'),
  );
  expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8')).toBe('500\n');
});

it('starts a new process for an app that is too large for what waits', async () => {
  const app = newApp();
  const { settings } = host.assignment(app, 1);
  host.node.assign(host.assignment(app, 1, { settings: { ...settings, memory_mb: 300 } }));
  const supervisor = await host.start({ warmHosts: 1 });
  const [waiting] = await poolOf(1);
  await host.wake(supervisor, app);
  expect(primaryRecord(host.home, app)!.pid).not.toBe(waiting);
});

it('never gives one host to two apps, however many wake at once', async () => {
  const names = [newApp(), newApp(), newApp()];
  const withOwn = (app: string) => host.assignment(app, 1, { env: { OWNER: `secret-of-${app}` } });
  host.node.assign(...names.map(withOwn));
  const supervisor = await host.start({ warmHosts: 2 });
  const waiting = await poolOf(2);
  const woken = await Promise.all(names.map((app) => host.wake(supervisor, app)));
  expect((await Promise.all(woken.map((at) => host.visit(at)))).map(({ status }) => status)).toEqual([
    200, 200, 200,
  ]);
  const pids = names.map((app) => primaryRecord(host.home, app)!.pid);
  expect(new Set(pids).size).toBe(3);
  expect(pids.filter((pid) => waiting.includes(pid))).toHaveLength(2);
  for (const pid of pids) {
    // Nothing of an app is where the process was started from, and none takes a second one.
    expect(`${argumentsOf(pid)}${readFileSync(`/proc/${pid}/environ`, 'utf8')}`).not.toContain('secret-of');
    const spec = { app: newApp(), env: {} } as RunnerSpec;
    const reply = await sendControl(socketOf(pid), { cmd: 'deploy', spec }, 2_000);
    expect(reply).toMatchObject({ reply: 'err', code: 'already_deployed' });
  }
  // A stopped app's host is gone, not back in the pool.
  await host.call(supervisor, 'POST', `/v1/apps/${names[0]}/stop`);
  await until('its end', () => startTimeOf(pids[0]!) === null);
  expect(await poolOf(2)).not.toContain(pids[0]);
});

it('replaces a host that died waiting', async () => {
  const app = newApp();
  host.node.assign(host.assignment(app, 1));
  const supervisor = await host.start({ warmHosts: 1 });
  const [first] = await poolOf(1);
  const socket = socketOf(first!);
  process.kill(first!, 'SIGKILL');
  await until('its end', () => startTimeOf(first!) === null);
  const at = await host.wake(supervisor, app); // at once: by a new process, or by its successor
  expect((await host.visit(at)).status).toBe(200);
  await until('its socket to go', () => !existsSync(socket));
  expect(await poolOf(1)).not.toContain(first);
});

it.each([
  'host started',
  'record staged',
  'app given to its runner',
  'app healthy',
  'record flipped',
] as const)('answers although the host is killed while it gets the app: %s', async (moment) => {
  const app = newApp();
  host.node.assign(host.assignment(app, 1));
  let victim: number | null = null;
  const supervisor = await host.start({
    warmHosts: 1,
    hook: async (point) => {
      const pid = victim;
      if (point !== moment || pid === null) return;
      victim = null;
      process.kill(pid, 'SIGKILL');
      await until('its end', () => startTimeOf(pid) === null);
    },
  });
  const [first] = await poolOf(1);
  victim = first!;
  const at = await host.wake(supervisor, app);
  // Its threads may end one by one: as the edge does, who finds nobody asks once more.
  const answer = await host.visit(at).catch(async () => host.visit(await host.wake(supervisor, app)));
  expect(answer.status).toBe(200);
  expect(primaryRecord(host.home, app)!.pid).not.toBe(first);
});

it('does not try an app a second time that does not start in the host it was given', async () => {
  const app = newApp();
  host.node.assign(host.assignment(app, 1, { runtime: 'worker' }));
  const supervisor = await host.start({ warmHosts: 1 });
  await poolOf(1);
  const reply = await host.call(supervisor, 'POST', `/v1/apps/${app}/wake`);
  expect(reply.status).toBe(503);
  const log = readFileSync(join(host.home, 'runners', `${app}.log`), 'utf8');
  expect(log.match(/did not start/g)).toHaveLength(1);
});

it('gives no app to a host of another program: those of a supervisor end with it', async () => {
  const [before, after] = [newApp(), newApp()];
  host.node.assign(host.assignment(before, 1), host.assignment(after, 1));
  const one = await host.start({ warmHosts: 1 });
  const [old] = await poolOf(1);
  await host.wake(one, before);
  await poolOf(1);
  await one.close();
  const another = join(import.meta.dirname, '../../runner/testing/faulty-runner.ts');
  const other = await host.start({ warmHosts: 1, runnerEntry: another });
  await poolOf(1);
  await host.wake(other, after);
  const [first, second] = [primaryRecord(host.home, before)!, primaryRecord(host.home, after)!];
  expect(first.pid).toBe(old);
  expect(second.runtime_digest).not.toBe(first.runtime_digest);
  expect(argumentsOf(second.pid)).toContain(second.runtime_digest);
});

it('ends what waits when the supervisor closes, and nothing else', async () => {
  const app = newApp();
  host.node.assign(host.assignment(app, 1));
  const supervisor = await host.start({ warmHosts: 2 });
  await poolOf(2);
  await host.wake(supervisor, app);
  await poolOf(2);
  await supervisor.close();
  const { pid } = primaryRecord(host.home, app)!;
  await until('the others to end', () => runnerPids(host.home).length === 1);
  expect(runnerPids(host.home)).toEqual([pid]);
});

it('leaves no host behind when the supervisor is killed, and its runner is adopted', async () => {
  const app = newApp();
  host.node.assign(host.assignment(app, 1));
  const { home } = host;
  const elsewhere = await startElsewhere(host, 2);
  const waiting = await poolOf(2);
  await elsewhere.wake(app);
  const sockets = (await poolOf(2)).map(socketOf);
  const left = primaryRecord(home, app)!;
  expect(waiting).toContain(left.pid);
  await elsewhere.kill();
  await until('all hosts to end', () => runnerPids(home).length === 1);
  await until('their sockets to go', () => sockets.every((socket) => !existsSync(socket)));
  const supervisor = await host.start();
  const at = await host.wake(supervisor, app);
  expect((await host.visit(at)).status).toBe(200);
  expect(primaryRecord(home, app)).toMatchObject({ pid: left.pid, nonce: left.nonce });
  expect(runnerPids(home)).toEqual([left.pid]);
});
