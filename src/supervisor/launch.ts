import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { type Clock, isoNow, killGroup, messageOf, startChild, TabbifyError } from '../kit/index.ts';
import {
  CONTROL_PROTOCOL,
  logPath,
  type RunnerBound,
  type RunnerBundle,
  runnerArguments,
  sendControl,
} from '../runner/index.ts';
import { processBytes } from '../runtimes/index.ts';
import { type Ending, type LiveRunner, watchChild } from './live-runner.ts';
import { lastWords } from './log-tail.ts';
import { probe } from './probe.ts';
import { startTimeOf } from './process-identity.ts';
import type { Assignment } from './protocol.ts';
import { forgetRunner, type RunnerRecord, saveStaged } from './runner-record.ts';
import { socketPath } from './socket-directory.ts';

/** What every launch of a supervisor has in common. */
export interface LaunchContext {
  readonly home: string;
  readonly supervisor: string;
  readonly socketDirectory: string;
  readonly bundle: () => Promise<RunnerBundle>;
  readonly clock: Clock;
}

export interface LaunchRequest {
  readonly assignment: Assignment;
  /** Folder of the verified artifact. */
  readonly artifactDir: string;
  /** See `InstanceView.overriddenStop`. */
  readonly overriddenStop: number;
  /** Gives the launch up. */
  readonly signal: AbortSignal;
}

/** Milliseconds since the spawn at which each part was done. */
type LaunchTimes = Readonly<Record<'spawned' | 'ready' | 'recorded' | 'deployed' | 'healthy', number>>;

export type LaunchOutcome =
  | { readonly ok: true; readonly runner: LiveRunner; readonly times: LaunchTimes }
  | {
      readonly ok: false;
      readonly stage: 'start' | 'health';
      readonly reason: string;
      readonly logTail: string[];
      readonly nonce: string;
      readonly ending: Ending;
    };

/** Milliseconds until the control socket must listen; some 40 are usual. */
const BOOT_TIMEOUT_MS = 15_000;
/** Descriptor of the readiness pipe in the child. */
const READY_FD = 3;

/**
 * Starts a runner beside whatever serves now: its own session, no stdin, output to the app's log, its record staged
 * on disk. Comes back when the app has answered its health path; a runner that does not get there is ended and
 * forgotten. Nothing waits by the clock: readiness comes over a pipe, the rest as replies.
 */
export async function launch(context: LaunchContext, request: LaunchRequest): Promise<LaunchOutcome> {
  const { assignment } = request;
  const bundle = await context.bundle();
  const begin = performance.now();
  const lap = (): number => Math.round(performance.now() - begin);
  const nonce = randomUUID();
  const socket = socketPath(context.socketDirectory, nonce);
  const log = logPath(context.home, assignment.app);
  const identity = {
    home: context.home,
    app: assignment.app,
    generation: assignment.generation,
    nonce,
    socket,
    readyFd: READY_FD,
  };
  const dataBytes = processBytes(assignment.settings.memory_mb);
  const child = spawnRunner(bundle, runnerArguments(identity), log, dataBytes);
  if (child.pid === undefined) return notSpawned(child, nonce);
  const spawned = lap();
  const staged: RunnerRecord = {
    format: 1,
    supervisor: context.supervisor,
    app: assignment.app,
    version: assignment.version,
    generation: assignment.generation,
    pid: child.pid,
    start_time: startTimeOf(child.pid),
    nonce,
    socket,
    bound: null,
    runner_key: randomBytes(32).toString('base64url'),
    protocol: CONTROL_PROTOCOL,
    runtime_digest: bundle.digest,
    artifact_digest: assignment.digest,
    log_file: log,
    started_at: isoNow(context.clock),
    overridden_stop: request.overriddenStop,
  };
  const watched = watchChild(child, staged);
  const trouble = new AbortController();
  const giveUp = (): void => trouble.abort('the supervisor is closing');
  request.signal.addEventListener('abort', giveUp, { once: true });
  void watched.ended.then((ending) => trouble.abort(describeEnding(ending)));
  let stage: 'start' | 'health' = 'start';
  try {
    await Promise.all([readiness(child, trouble.signal), saveStaged(context.home, staged)]);
    const ready = lap();
    const timeoutMs = assignment.settings.health_timeout_sec * 1000;
    const bound = await deploy(staged, request, timeoutMs);
    const deployed = lap();
    stage = 'health';
    const record = { ...staged, bound };
    let recorded = 0;
    const [why] = await Promise.all([
      probe({
        bound,
        runnerKey: record.runner_key,
        path: assignment.settings.health_path,
        timeoutMs,
        signal: trouble.signal,
      }),
      saveStaged(context.home, record).then(() => {
        recorded = lap();
      }),
    ]);
    if (why !== null) throw new Error(why);
    const runner: LiveRunner = { ...watched, record };
    return { ok: true, runner, times: { spawned, ready, deployed, recorded, healthy: lap() } };
  } catch (error) {
    const alreadyKnown = trouble.signal.aborted ? String(trouble.signal.reason) : null;
    if (child.exitCode === null && child.signalCode === null) killGroup(child.pid);
    const ending = await watched.ended;
    const diedItself = isUnreachable(error) && ending.signal !== 'SIGKILL';
    const reason = alreadyKnown ?? (diedItself ? describeEnding(ending) : messageOf(error));
    await forgetRunner(context.home, staged);
    const logTail = await lastWords(log, assignment.generation);
    return { ok: false, stage, reason, logTail, nonce, ending };
  } finally {
    request.signal.removeEventListener('abort', giveUp);
  }
}

/** The system would not start the program at all; the error says why. */
async function notSpawned(child: ChildProcess, nonce: string): Promise<LaunchOutcome> {
  const error = await new Promise<Error>((resolve) => child.once('error', resolve));
  const ending = { code: null, signal: null };
  return { ok: false, stage: 'start', reason: error.message, logTail: [], nonce, ending };
}

/** The socket broke off: the process tells better what happened. */
function isUnreachable(error: unknown): boolean {
  return error instanceof TabbifyError && error.code === 'runner_unreachable';
}

function spawnRunner(
  bundle: RunnerBundle,
  args: readonly string[],
  log: string,
  dataBytes: number,
): ChildProcess {
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  const output = openSync(log, 'a', 0o600);
  try {
    const child = startChild(bundle.nodePath, [bundle.mainPath, ...args], {
      cwd: '/', // a directory that stays
      env: { NODE_COMPILE_CACHE: bundle.cachePath },
      stdio: ['ignore', output, output, 'pipe'],
      detached: true,
      dataBytes,
    });
    child.unref();
    return child;
  } finally {
    closeSync(output);
  }
}

/** Resolves when the runner says that its control socket listens. */
function readiness(child: ChildProcess, signal: AbortSignal): Promise<void> {
  const pipe = child.stdio[READY_FD] as Readable;
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it did not come up in time')), BOOT_TIMEOUT_MS);
    const done = (settle: () => void): void => {
      clearTimeout(timer);
      pipe.destroy();
      settle();
    };
    pipe.once('data', () => done(resolve));
    pipe.on('error', () => {}); // the end of the process tells more
    child.once('error', (error) => done(() => reject(error)));
    signal.addEventListener('abort', () => done(() => reject(new Error(String(signal.reason)))), {
      once: true,
    });
  });
}

async function deploy(
  record: RunnerRecord,
  { assignment, artifactDir }: LaunchRequest,
  timeoutMs: number,
): Promise<RunnerBound> {
  const spec = {
    app: assignment.app,
    version: assignment.version,
    generation: assignment.generation,
    runtime: assignment.runtime,
    settings: assignment.settings,
    env: assignment.env,
    artifact_dir: artifactDir,
    runner_key: record.runner_key,
  };
  const reply = await sendControl(record.socket, { cmd: 'deploy', spec }, timeoutMs);
  if (reply.reply === 'ok' && reply.bound !== null) return reply.bound;
  throw new Error(reply.reply === 'err' ? reply.message : `the runner replied ${reply.reply}`);
}

function describeEnding({ code, signal }: Ending): string {
  return signal === null ? `the runner exited with code ${code}` : `the runner was ended by ${signal}`;
}
