import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startChild } from '../kit/index.ts';
import { runnerArguments } from './arguments.ts';
import { bundleRunner, type RunnerBundle } from './bundle.ts';
import { sendControl } from './control-client.ts';
import { parseLogLine } from './log-line.ts';
import { CONTROL_PROTOCOL, type RunnerSpec } from './protocol.ts';
import { logPath } from './record-paths.ts';

const app = '0191e7c2-1111-7222-8333-444455556666';
let root: string;
let bundle: RunnerBundle;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'runner-'));
  bundle = await bundleRunner({ home: root });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** Starts a runner without an app, in a home of its own. */
async function start(printsTo: 'log' | 'ignore' = 'log') {
  const home = mkdtempSync(join(root, 'home-'));
  mkdirSync(join(home, 'runners'));
  const nonce = randomUUID();
  const socket = join(home, 's.sock');
  const log = logPath(home, app);
  const output = printsTo === 'log' ? openSync(log, 'a', 0o600) : 'ignore';
  const args = runnerArguments({
    ...{ home, nonce, socket, readyFd: 3, prepare: null, memoryMb: null, canWait: false, groupsWork: false },
  });
  const child = startChild(bundle.nodePath, [bundle.mainPath, ...args], {
    env: { NODE_COMPILE_CACHE: bundle.cachePath },
    stdio: ['ignore', output, output, 'pipe'],
    detached: true,
  });
  started.push(child);
  const exit = once(child, 'exit');
  await once(child.stdio[3]!, 'data');
  return { home, nonce, socket, child, exit, log };
}

/** An app that cannot be started. */
function specOf(home: string): RunnerSpec {
  const settings = { memory_mb: 64, fuel_per_request: 1, isolation: 'pool' } as RunnerSpec['settings'];
  const artifact_dir = join(home, 'nothing');
  const runtime = 'wasm-http';
  return {
    ...{ app, version: 1, generation: 1, runtime, settings, env: {}, artifact_dir },
    wall: 'wasm-bare',
    runner_key: 'key',
  };
}

it('listens where only its owner may speak, before it says that it is ready', async () => {
  const { socket, nonce, child } = await start();
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  const pong = await sendControl(socket, { cmd: 'ping', nonce }, 2_000);
  expect(pong).toEqual({ reply: 'pong', protocol: CONTROL_PROTOCOL, nonce, pid: child.pid });
  const health = await sendControl(socket, { cmd: 'health' }, 2_000);
  expect(health).toEqual({
    reply: 'health',
    denied: [],
    state: 'empty',
    ok: true,
    reason: null,
    stats: {},
    endpoint: null,
  });
});

it('refuses what is no command, and goes on', async () => {
  const { socket } = await start();
  const odd = await sendControl(socket, { cmd: 'dance' } as never, 2_000);
  expect(odd).toMatchObject({ reply: 'err', code: 'command_unknown' });
  expect(await sendControl(socket, { cmd: 'health' }, 2_000)).toMatchObject({ reply: 'health' });
});

it('ends with a code and a reason in its log when the app cannot be started', async () => {
  const { socket, home, exit, log } = await start();
  const reply = await sendControl(socket, { cmd: 'deploy', spec: specOf(home) }, 5_000);
  expect(reply).toMatchObject({
    reply: 'err',
    code: 'start_failed',
    message: expect.stringContaining('artifact'),
  });
  expect(await exit).toEqual([1, null]);
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n').map(parseLogLine);
  expect(lines.at(-1)).toMatchObject({
    origin: 'platform',
    generation: 1,
    line: expect.stringContaining('did not start'),
  });
});

it('ends at a signal with 0', async () => {
  const { child, exit } = await start();
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});

it('ends when its home has vanished', async () => {
  const { home, exit } = await start();
  rmSync(home, { recursive: true });
  expect(await exit).toEqual([0, null]);
});

it('ends at once when its supervisor goes before it has an app, and leaves no socket', async () => {
  const { child, exit, socket } = await start();
  (child.stdio[3] as Readable).destroy();
  expect(await exit).toEqual([0, null]);
  expect(existsSync(socket)).toBe(false);
});

it('has the output of its process in the log of the app it is given, whatever that was started with', async () => {
  const { socket, home, exit, log, child } = await start('ignore');
  const outputs = () => [1, 2].map((fd) => readlinkSync(`/proc/${child.pid}/fd/${fd}`));
  expect(outputs()).toEqual(['/dev/null', '/dev/null']);
  const reply = await sendControl(socket, { cmd: 'deploy', spec: specOf(home) }, 5_000);
  expect(reply).toMatchObject({ reply: 'err', code: 'start_failed' });
  await exit;
  expect(readFileSync(log, 'utf8')).toContain('did not start');
  expect(statSync(log).mode & 0o777).toBe(0o600);
});
