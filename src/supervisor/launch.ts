import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { boundChild, type Clock, type Endpoint, isoNow, messageOf, TabbifyError } from '../kit/index.ts';
import {
  CONTROL_PROTOCOL,
  type GivenSecret,
  logPath,
  type RunnerBundle,
  sendControl,
} from '../runner/index.ts';
import {
  haveGroups,
  type IsolationClass,
  PATIENCE_MS,
  processBytes,
  type RuntimesHere,
} from '../runtimes/index.ts';
import { type Ending, type LiveRunner, watchChild } from './live-runner.ts';
import { lastWords } from './log-tail.ts';
import { lastMoments } from './passing-away.ts';
import type { SupervisorHook } from './points.ts';
import type { Assignment } from './protocol.ts';
import { readiness } from './readiness.ts';
import { forgetRunner, type RunnerRecord, saveAnswering, saveStaged } from './runner-record.ts';
import type { SecretsResolver } from './secrets/http-secrets-resolver.ts';
import { spawnSecrets } from './secrets/spawn-secrets.ts';
import { type EmptyHost, prepareHost } from './warm/empty-host.ts';
import type { HostPool } from './warm/host-pool.ts';

/** What every launch of a supervisor has in common. */
export interface LaunchContext {
  readonly home: string;
  readonly supervisor: string;
  /** Base URL of the node. */
  readonly nodeUrl: string;
  readonly socketDirectory: string;
  readonly bundle: () => Promise<RunnerBundle>;
  readonly clock: Clock;
  /** Hosts that were started before they were needed. */
  readonly pool: HostPool;
  readonly hook: SupervisorHook;
  /** Where the secrets come from that an app is given. */
  readonly secrets: SecretsResolver;
  /** What this host has said of its runtimes: an app gets the wall that was announced. */
  readonly here: Promise<RuntimesHere>;
}

export interface LaunchRequest {
  readonly assignment: Assignment;
  /** Folder of the verified artifact. */
  readonly artifactDir: string;
  /** See `InstanceView.overriddenStop`. */
  readonly overriddenStop: number;
  /** See `ProbeOptions.mustBeHealthy`. */
  readonly mustBeHealthy: boolean;
  /** Does another runner serve in the meantime? */
  readonly canWait: boolean;
  /** Its secrets could not be had a moment ago: a host is begun when they are there. */
  readonly secretsFirst: boolean;
  /** Gives the launch up. */
  readonly signal: AbortSignal;
}

/** Milliseconds since the launch began at which each part was done; with a host out of the pool the first two are near 0. */
type LaunchTimes = Readonly<Record<'spawned' | 'ready' | 'recorded' | 'deployed' | 'healthy', number>>;

export type LaunchOutcome =
  | { readonly ok: true; readonly runner: LiveRunner; readonly times: LaunchTimes }
  | {
      readonly ok: false;
      /** `secrets`: they could not be had, which says nothing of the app. */
      readonly stage: 'start' | 'secrets' | 'health';
      readonly reason: string;
      /** The one next action, where there is one that is not the usual one. */
      readonly hint?: string | undefined;
      readonly logTail: string[];
      readonly nonce: string;
      readonly ending: Ending;
      /** By somebody else: it neither ended nor failed, nor was it this supervisor that gave it up. */
      readonly wasKilled: boolean;
    };

/**
 * Starts a runner beside whatever serves now: an empty host out of the pool, or a new one when there is none, is given the
 * app; its record lies staged on disk. Comes back when the app has answered its health path; a runner that does not get
 * there is ended and forgotten. Nothing waits by the clock: readiness comes over a pipe, the rest as replies.
 */
export async function launch(context: LaunchContext, request: LaunchRequest): Promise<LaunchOutcome> {
  const release = context.pool.hold(); // until this app serves, no host is started for later
  const given = spawnSecrets(context.secrets, request.assignment, request.signal);
  given.catch(() => {}); // waited for when a host is ready
  try {
    if (request.secretsFirst) await given;
    mkdirSync(dirname(logPath(context.home, request.assignment.app)), { recursive: true, mode: 0o700 });
    const warm = context.pool.assign(dataBytesOf(request));
    if (warm !== null) {
      const outcome = await launchOn(warm, performance.now(), context, request, given);
      if (outcome.ok || outcome.stage === 'secrets' || request.signal.aborted) return outcome;
      // A host that ended before it took the app says nothing about the app, one that was killed not enough.
      if (!outcome.wasKilled && (await warm.hadTaken())) return outcome;
    }
    const bundle = await context.bundle();
    const begin = performance.now();
    const cold = await prepareCold(bundle, context, request);
    if (!(cold instanceof Error)) return await launchOn(cold, begin, context, request, given);
    return notBegun('start', cold);
  } catch (error) {
    if (error !== (await given.then(nobody, itself))) throw error;
    return notBegun('secrets', error);
  } finally {
    release();
  }
}

const nobody = (): null => null;
const itself = (error: unknown): unknown => error;

/** There was no host to speak of. */
function notBegun(stage: 'start' | 'secrets', error: unknown): LaunchOutcome {
  const ending = { code: null, signal: null };
  const said = { reason: messageOf(error), hint: hintOf(error), logTail: [] };
  return { ok: false, stage, ...said, nonce: '', ending, wasKilled: false };
}

/** A host that prints into the log of its app from its first moment on; an error when the system does not start it. */
async function prepareCold(
  bundle: RunnerBundle,
  context: LaunchContext,
  request: LaunchRequest,
): Promise<EmptyHost | Error> {
  const { home, socketDirectory } = context;
  const { runtime, settings } = request.assignment;
  const log = logPath(home, request.assignment.app);
  const output = openSync(log, 'a', 0o600);
  try {
    const isBare = (await wallOf(context, request.assignment)) === 'wasm-bare';
    return await prepareHost({
      home,
      socketDirectory,
      bundle,
      dataBytes: dataBytesOf(request),
      output,
      prepare: isBare ? null : runtime,
      memoryMb: settings.memory_mb,
      canWait: request.canWait,
      groupsWork: haveGroups(await context.here),
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    closeSync(output);
  }
}

/**
 * Gives the app to a host.
 *
 * @param begin when the launch began, on the clock of `performance.now()`
 */
async function launchOn(
  host: EmptyHost,
  begin: number,
  context: LaunchContext,
  request: LaunchRequest,
  given: Promise<readonly GivenSecret[]>,
): Promise<LaunchOutcome> {
  const { home, hook } = context;
  const { assignment } = request;
  const lap = (): number => Math.round(performance.now() - begin);
  const spawned = lap();
  host.hurry(request.canWait ? PATIENCE_MS : 0);
  const staged = recordOf(host, context, request);
  const watched = watchChild(host.child, staged);
  const trouble = new AbortController();
  const giveUp = (): void => trouble.abort('the supervisor is closing');
  request.signal.addEventListener('abort', giveUp, { once: true });
  void watched.ended.then((ending) => trouble.abort(describeEnding(ending)));
  await hook('host started');
  const saved = saveStaged(home, staged).then(() => hook('record staged'));
  saved.catch(() => {}); // waited for below
  let stage: 'start' | 'secrets' | 'health' = 'start';
  try {
    await Promise.all([unlessAborted(host.ready, trouble.signal), boundTo(host, dataBytesOf(request))]);
    const ready = lap();
    stage = 'secrets';
    const secrets = await unlessAborted(given, trouble.signal);
    stage = 'start';
    const timeoutMs = assignment.settings.health_timeout_sec * 1000;
    // Side by side: nothing is reported before both are done, and a runner that gets no record ends by itself.
    const [endpoint] = await Promise.all([
      deploy(staged, request, context.nodeUrl, secrets, timeoutMs, await wallOf(context, assignment)),
      saved,
    ]);
    host.handedOver();
    const deployed = lap();
    await hook('app given to its runner');
    stage = 'health';
    const record = { ...staged, endpoint };
    let recorded = 0;
    const [why] = await Promise.all([
      readiness({
        socket: record.socket,
        endpoint,
        runnerKey: record.runner_key,
        path: assignment.settings.health_path,
        mustBeHealthy: request.mustBeHealthy,
        timeoutMs,
        signal: trouble.signal,
      }),
      saveAnswering(home, record).then(() => {
        recorded = lap();
      }),
    ]);
    if (why !== null) throw new Error(why);
    host.hurry(0);
    await hook('app healthy');
    const runner: LiveRunner = { ...watched, record };
    const times = { spawned, ready, deployed, recorded, healthy: lap() };
    return { ok: true, runner, times };
  } catch (error) {
    const alreadyKnown = trouble.signal.aborted ? String(trouble.signal.reason) : null;
    if (isUnreachable(error)) await Promise.race([watched.ended, lastMoments()]);
    const endedItself = host.hasEnded();
    host.kill();
    const ending = await watched.ended;
    const wasKilled = endedItself && ending.signal === 'SIGKILL';
    const reason = alreadyKnown ?? (endedItself ? describeEnding(ending) : messageOf(error));
    await saved.catch(() => {}); // not to be written after it was removed
    await forgetRunner(home, staged);
    const logTail = await lastWords(staged.log_file, assignment.generation);
    const isForSecrets = stage === 'secrets' && alreadyKnown === null && !endedItself;
    return {
      ok: false,
      stage: stage === 'secrets' && !isForSecrets ? 'start' : stage,
      ...{ reason, hint: isForSecrets ? hintOf(error) : undefined, logTail },
      ...{ nonce: host.nonce, ending, wasKilled },
    };
  } finally {
    request.signal.removeEventListener('abort', giveUp);
  }
}

function recordOf(host: EmptyHost, context: LaunchContext, request: LaunchRequest): RunnerRecord {
  const { assignment } = request;
  return {
    format: 1,
    supervisor: context.supervisor,
    app: assignment.app,
    version: assignment.version,
    generation: assignment.generation,
    pid: host.pid,
    start_time: host.startTime,
    nonce: host.nonce,
    socket: host.socket,
    endpoint: null,
    runner_key: randomBytes(32).toString('base64url'),
    protocol: CONTROL_PROTOCOL,
    runtime_digest: host.programDigest,
    artifact_digest: assignment.digest,
    log_file: logPath(context.home, assignment.app),
    started_at: isoNow(context.clock),
    overridden_stop: request.overriddenStop,
    grant: assignment.grant,
  };
}

function hintOf(error: unknown): string | undefined {
  return error instanceof TabbifyError ? error.hint : undefined;
}

async function wallOf({ here }: LaunchContext, { runtime }: Assignment): Promise<IsolationClass | null> {
  const { runtimes } = await here;
  return runtimes.find(({ kind }) => kind === runtime)?.isolation ?? null;
}

function dataBytesOf({ assignment }: LaunchRequest): number {
  return processBytes(assignment.settings.memory_mb);
}

/** A host of the pool has the bound of a large app; a smaller one gets its own before it is there. */
async function boundTo(host: EmptyHost, dataBytes: number): Promise<void> {
  if (host.dataBytes !== dataBytes) await boundChild(host.pid, dataBytes);
}

function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error(String(signal.reason)));
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

/** The socket broke off: the process tells better what happened. */
function isUnreachable(error: unknown): boolean {
  return error instanceof TabbifyError && error.code === 'runner_unreachable';
}

async function deploy(
  record: RunnerRecord,
  { assignment, artifactDir, canWait }: LaunchRequest,
  node: string,
  secrets: readonly GivenSecret[],
  timeoutMs: number,
  wall: IsolationClass | null,
): Promise<Endpoint> {
  const spec = {
    app: assignment.app,
    version: assignment.version,
    generation: assignment.generation,
    environment: assignment.environment,
    runtime: assignment.runtime,
    wall,
    settings: assignment.settings,
    env: assignment.env,
    grant: assignment.grant,
    node,
    secrets,
    artifact_dir: artifactDir,
    runner_key: record.runner_key,
    can_wait: canWait,
  };
  const reply = await sendControl(record.socket, { cmd: 'deploy', spec }, timeoutMs);
  if (reply.reply === 'ok' && reply.endpoint !== null) return reply.endpoint;
  throw new Error(reply.reply === 'err' ? reply.message : `the runner replied ${reply.reply}`);
}

function describeEnding({ code, signal }: Ending): string {
  return signal === null ? `the runner exited with code ${code}` : `the runner was ended by ${signal}`;
}
