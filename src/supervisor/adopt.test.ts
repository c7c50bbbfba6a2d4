import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { startChild, startTimeOf } from '../kit/index.ts';
import { CONTROL_PROTOCOL, SPOKEN_PROTOCOLS, sendControl } from '../runner/index.ts';
import type { InstanceStatus } from './protocol.ts';
import type { RunnerRecord } from './runner-record.ts';
import { newApp, primaryRecord, runnerPids } from './test-support/host.ts';
import { tinyHost } from './test-support/tiny-host.ts';
import { until } from './test-support/until.ts';

const host = tinyHost();
let app: string;
beforeEach(async () => {
  app = newApp();
  host.node.assign(host.assignment(app, 1));
});

/** Leaves a runner of the app behind; gives back its record. */
async function leaveRunner(): Promise<RunnerRecord> {
  const supervisor = await host.start();
  await host.wake(supervisor, app);
  await supervisor.close();
  return primaryRecord(host.home, app)!;
}

function rewriteRecord(changes: Partial<RunnerRecord>, name = `${app}.json`): void {
  const record = { ...primaryRecord(host.home, app), ...changes };
  writeFileSync(join(host.home, 'runners', name), JSON.stringify(record), { mode: 0o600 });
}

const crashes = () => host.node.events.filter((event) => event.type === 'app_crashed');

it('does not touch a stranger that has the pid of a dead runner', async () => {
  const left = await leaveRunner();
  process.kill(left.pid, 'SIGKILL');
  const stranger = startChild(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { env: {} });
  try {
    rewriteRecord({ pid: stranger.pid! });
    await host.start();
    await until('the report', () => crashes().length === 1);
    expect(startTimeOf(stranger.pid!)).not.toBeNull();
    await until('the record to go', () => primaryRecord(host.home, app) === null);
  } finally {
    stranger.kill('SIGKILL');
  }
});

it('ends what has the right pid and start time and not the right nonce, and starts the app anew', async () => {
  const left = await leaveRunner();
  rewriteRecord({ nonce: randomUUID() });
  const supervisor = await host.start();
  await until('its end', () => startTimeOf(left.pid) === null);
  await host.wake(supervisor, app);
  expect(runnerPids(host.home)).toEqual([primaryRecord(host.home, app)!.pid]);
});

it('ends a runner whose start was cut short', async () => {
  const left = await leaveRunner();
  rewriteRecord({ generation: 2 }, `${app}.g2.json`);
  await host.start();
  await until('its end', () => startTimeOf(left.pid) === null);
});

it('clears a record nobody can read; its runner ends by itself', async () => {
  const left = await leaveRunner();
  writeFileSync(join(host.home, 'runners', `${app}.json`), '{"format":1,');
  await host.start();
  await until('its end', () => startTimeOf(left.pid) === null);
  expect(readFileSync(left.log_file, 'utf8')).toContain('the record has vanished');
});

it('leaves runners of another supervisor of the same home alone', async () => {
  const left = await leaveRunner();
  rewriteRecord({ supervisor: 'other' });
  host.node.assign();
  await host.start();
  expect(startTimeOf(left.pid)).toBe(left.start_time);
  expect(primaryRecord(host.home, app)).toMatchObject({ supervisor: 'other' });
});

it('tells of a runner that died while nobody watched', async () => {
  const left = await leaveRunner();
  process.kill(left.pid, 'SIGKILL');
  await host.start();
  const [crash] = await until('the report', () => (crashes().length > 0 ? crashes() : null));
  expect(crash!.data).toMatchObject({ app, generation: 1, code: null, signal: null });
  expect(crash!.data.log_tail).not.toEqual([]);
});

/** Stands before a runner's control socket and says of it that it speaks another version of the protocol. */
async function speakAs(left: RunnerRecord, protocol: number): Promise<Server> {
  const socket = `${left.socket}.other`;
  const server = createServer((connection) => {
    connection.setEncoding('utf8').once('data', async (line: string) => {
      const reply = await sendControl(left.socket, JSON.parse(line), 5_000);
      connection.end(`${JSON.stringify({ ...reply, protocol })}\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  rewriteRecord({ socket });
  return server;
}

const SETTLED = { drainMs: 200 };

it('speaks its own version of the control protocol and the one before', () => {
  expect(SPOKEN_PROTOCOLS).toContain(CONTROL_PROTOCOL);
  expect(SPOKEN_PROTOCOLS.filter((version) => version < CONTROL_PROTOCOL - 1)).toEqual([]);
});

it('lets a runner of a protocol it does not speak serve until another is healthy, then ends it gently', async () => {
  const left = await leaveRunner();
  const other = await speakAs(left, CONTROL_PROTOCOL + 5);
  try {
    const supervisor = await host.start(SETTLED);
    expect((await host.visit({ ...left, endpoint: left.endpoint! })).status).toBe(200);
    await until('a successor', () => primaryRecord(host.home, app)?.pid !== left.pid);
    const successor = primaryRecord(host.home, app)!;
    expect(successor).toMatchObject({ generation: left.generation, protocol: CONTROL_PROTOCOL });
    await until('its end', () => startTimeOf(left.pid) === null);
    expect(readFileSync(left.log_file, 'utf8')).toContain('stopping: SIGTERM');
    expect(crashes()).toEqual([]);
    expect((await host.visit(await host.wake(supervisor, app))).status).toBe(200);
    expect(runnerPids(host.home)).toEqual([successor.pid]);
  } finally {
    other.close();
  }
});

it('lets a runner of a protocol it does not speak serve on when no other can be started', async () => {
  const left = await leaveRunner();
  const other = await speakAs(left, CONTROL_PROTOCOL + 5);
  try {
    for (const place of ['objects', 'cache']) rmSync(join(host.home, place), { recursive: true });
    const supervisor = await host.start(SETTLED);
    const status = async () => {
      const { apps } = (await (await host.call(supervisor, 'GET', '/v1/apps')).json()) as {
        apps: InstanceStatus[];
      };
      return apps[0];
    };
    await until('the failed start', async () => (await status())?.last_error?.startsWith('fetch'));
    expect(await status()).toMatchObject({ state: 'running', pid: left.pid });
    expect((await host.visit(await host.wake(supervisor, app))).status).toBe(200);
    expect(primaryRecord(host.home, app)?.nonce).toBe(left.nonce);
  } finally {
    other.close();
  }
});
