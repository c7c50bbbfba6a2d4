import { setTimeout as wait } from 'node:timers/promises';
import { type Clock, type Logger, messageOf } from '../kit/index.ts';
import { type AppMemory, type AppMemoryStore, blankMemory } from './app-memory.ts';
import { supervisorError } from './errors.ts';
import { createLane } from './lane.ts';
import type { LaunchOutcome, LaunchRequest } from './launch.ts';
import type { Ending, LiveRunner } from './live-runner.ts';
import { lastWords } from './log-tail.ts';
import type { Observer } from './observations.ts';
import type { Outbox } from './outbox.ts';
import type { Assignment, Endpoint, InstanceStatus } from './protocol.ts';
import { type Action, reconcile } from './reconcile.ts';
import { flipRecord, forgetRunner } from './runner-record.ts';

/** What an instance needs of the world. */
export interface InstanceContext {
  readonly home: string;
  readonly app: string;
  /** What the log says now; null: not placed here; undefined: nobody has said yet. */
  readonly desired: () => Assignment | null | undefined;
  /** Fetches and verifies the artifact; gives back its folder. */
  readonly prepare: (assignment: Assignment) => Promise<string>;
  readonly launch: (request: LaunchRequest) => Promise<LaunchOutcome>;
  readonly memory: AppMemoryStore;
  readonly observer: Observer;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds a replaced runner goes on serving before it is stopped: the node may still hold its address. */
  readonly drainMs: number;
  /** Aborted when the supervisor closes. */
  readonly closing: AbortSignal;
}

export type WakeResult =
  | { readonly ok: true; readonly endpoint: Endpoint }
  | { readonly ok: false; readonly failure: StartFailure };

/** Why an app is not up. */
export interface StartFailure {
  readonly generation: number;
  readonly stage: string;
  readonly reason: string;
  readonly logTail: string[];
  /** Milliseconds since the epoch before which it is not tried again: a request must not be a way to spawn in a loop. */
  readonly retryAt: number;
}

/** One app on this host: the runner that serves it, and the steps towards what should be, one at a time. */
export interface Instance {
  /** Steps until the runner is what the log says. */
  converge(): Promise<void>;
  /** Where it answers, started first if need be. Many calls at once cause one start. */
  wake(): Promise<WakeResult>;
  /** Asked for through the API. */
  stop(): Promise<void>;
  status(): InstanceStatus;
  /** Leaves the runner alone; a start under way is given up. */
  close(): Promise<void>;
}

/** The artifact could not be had, or the record could not be saved: there is no process to speak of. */
interface NotLaunched {
  readonly ok: false;
  readonly stage: 'fetch' | 'record';
  readonly reason: string;
  readonly logTail: string[];
}

/** Milliseconds requests under way get when a runner is stopped. */
const GRACE_MS = 10_000;
const RETRY_MS = 5_000;
/** Milliseconds a closing supervisor waits for a stop under way; the runner ends without it as well. */
const CLOSE_MS = 2_000;
/** No chain of steps is longer; a decision that repeats itself must not spin. */
const MAX_STEPS = 8;

/** @param adopted runner of an earlier supervisor that serves the app */
export function createInstance(context: InstanceContext, adopted: LiveRunner | null): Instance {
  const { app, home, logger, observer, outbox } = context;
  const lane = createLane();
  const draining = new Set<LiveRunner>();
  let memory = blankMemory;
  let current: LiveRunner | null = null;
  let launching = false;
  let waking: Promise<WakeResult> | null = null;
  let failure: StartFailure | null = null;
  let lastError: string | null = null;
  let failed = false;
  let held = false;
  let overriddenStop = adopted?.record.overridden_stop ?? 0;
  let restarts = 0;
  if (adopted !== null) takeUp(adopted);
  const loaded = lane.run(async () => {
    memory = await context.memory.load(app);
  });
  aside(loaded, 'what was remembered cannot be read');

  /** The assignment to run: the desired one, or the last good one while that has failed. */
  function chosen(): Assignment | null {
    const desired = context.desired() ?? null;
    if (desired === null) return null;
    const gaveUp = memory.outcome === 'failed' && memory.generation === desired.generation;
    return gaveUp && memory.good !== null ? memory.good : desired;
  }

  function takeUp(runner: LiveRunner): void {
    current = runner;
    void runner.ended.then((ending) => {
      if (current === runner) crashed(runner, ending);
    });
  }

  function crashed({ record }: LiveRunner, { code, signal }: Ending): void {
    current = null;
    failed = true;
    restarts += 1;
    lastError = `the runner ended (code ${code}, signal ${signal})`;
    logger.warn({ app, pid: record.pid, code, signal }, 'runner ended unasked');
    const { generation } = record;
    // In its turn, so that the end is told before the next start, and the record is not taken from a successor.
    const told = lane.run(async () => {
      const logTail = await lastWords(record.log_file, generation);
      await forgetRunner(home, record);
      void outbox.send(
        code === 0
          ? observer.stopped(record.nonce, { app, generation, reason: 'the runner ended by itself' })
          : observer.crashed(record.nonce, { app, generation, code, signal, log_tail: logTail }),
      );
    });
    aside(told, 'a crash was not told');
  }

  /** Work nobody waits for: what goes wrong in it is logged. */
  function aside(work: Promise<unknown>, what: string): void {
    work.catch((error: unknown) => logger.error({ app, err: error }, what));
  }

  /** Starts a generation beside whatever serves, flips to it, and says what came of it. */
  async function bringUp(assignment: Assignment): Promise<StartFailure | null> {
    const { generation } = assignment;
    launching = true;
    try {
      const outcome = await attempt(assignment);
      if (outcome.ok) {
        const old = current;
        takeUp(outcome.runner);
        failure = null;
        failed = false;
        lastError = null;
        const { record } = outcome.runner;
        logger.info(
          { app, generation, version: record.version, pid: record.pid, ms: outcome.times },
          'app started',
        );
        void outbox.send(observer.started(record));
        if (generation > memory.generation) settle(assignment, 'running');
        if (old !== null) drain(old);
        return null;
      }
      const { stage, reason, logTail } = outcome;
      failure = { generation, stage, reason, logTail, retryAt: context.clock.now() + RETRY_MS };
      if (context.closing.aborted) return failure;
      failed = true;
      lastError = `${stage}: ${reason}`;
      logger.warn({ app, generation, stage, reason }, 'app did not start');
      if (generation > memory.generation) {
        settle(assignment, 'failed', failure);
      } else if ('nonce' in outcome) {
        const { code, signal } = outcome.ending;
        void outbox.send(
          observer.crashed(outcome.nonce, { app, generation, code, signal, log_tail: logTail }),
        );
      }
      return failure;
    } finally {
      launching = false;
    }
  }

  async function attempt(assignment: Assignment): Promise<LaunchOutcome | NotLaunched> {
    let artifactDir: string;
    try {
      artifactDir = await context.prepare(assignment);
    } catch (error) {
      return { ok: false, stage: 'fetch', reason: messageOf(error), logTail: [] };
    }
    const outcome = await context.launch({
      assignment,
      artifactDir,
      overriddenStop,
      signal: context.closing,
    });
    if (!outcome.ok) return outcome;
    try {
      await flipRecord(home, outcome.runner.record);
      return outcome;
    } catch (error) {
      outcome.runner.kill();
      return { ok: false, stage: 'record', reason: messageOf(error), logTail: [] };
    }
  }

  /** Reports that a generation was taken up or given up; remembered on disk once the node has the report. */
  function settle(
    assignment: Assignment,
    outcome: AppMemory['outcome'],
    why: StartFailure | null = null,
  ): void {
    const { generation } = assignment;
    const settled = { generation, outcome, good: outcome === 'failed' ? memory.good : assignment };
    memory = settled;
    const report =
      outcome === 'failed'
        ? observer.failed({
            app,
            generation,
            stage: why?.stage ?? 'start',
            reason: why?.reason ?? '',
            log_tail: why?.logTail ?? [],
          })
        : observer.applied(app, generation, outcome);
    const remembered = outbox.send(report).then(async (delivered) => {
      if (delivered && memory === settled) await context.memory.save(app, settled);
    });
    aside(remembered, 'what the node was told is not remembered');
  }

  function drain(old: LiveRunner): void {
    draining.add(old);
    const timer = setTimeout(() => aside(retire(old), 'a replaced runner was not cleared'), context.drainMs);
    context.closing.addEventListener('abort', () => clearTimeout(timer), { once: true });
  }

  async function retire(old: LiveRunner): Promise<void> {
    await old.stop(GRACE_MS);
    draining.delete(old);
    await lane.run(() => forgetRunner(home, old.record));
  }

  async function stopCurrent(reason: string): Promise<void> {
    const runner = current;
    if (runner === null) return;
    current = null; // from here on its end is no crash, and a wake waits for its turn
    await runner.stop(GRACE_MS);
    await forgetRunner(home, runner.record);
    const { nonce, generation } = runner.record;
    logger.info({ app, generation, reason }, 'app stopped');
    void outbox.send(observer.stopped(nonce, { app, generation, reason }));
  }

  async function execute(action: Exclude<Action, { kind: 'refuse' }>): Promise<void> {
    switch (action.kind) {
      case 'settle_idle':
        return settleIdle(action.assignment);
      case 'start':
      case 'renew':
        return void (await bringUp(chosen() ?? action.assignment));
      case 'replace':
        return void (await bringUp(action.assignment));
      case 'confirm':
        return settle(action.assignment, 'running');
      case 'stop':
        await stopCurrent(action.reason);
    }
  }

  /** Fetches the artifact now, so that the first request does not wait for it and a bad one is known at once. */
  async function settleIdle(assignment: Assignment): Promise<void> {
    failed = false;
    try {
      await context.prepare(assignment);
      settle(assignment, 'idle');
    } catch (error) {
      const { generation } = assignment;
      const reason = messageOf(error);
      failure = { generation, stage: 'fetch', reason, logTail: [], retryAt: context.clock.now() + RETRY_MS };
      failed = true;
      lastError = `fetch: ${reason}`;
      settle(assignment, 'failed', failure);
    }
  }

  async function steps(): Promise<void> {
    for (let step = 0; step < MAX_STEPS && !context.closing.aborted; step++) {
      const desired = context.desired();
      if (desired === undefined) return;
      if (desired?.stopped) held = false;
      const running = current?.record.generation ?? null;
      const action = reconcile(desired, {
        running,
        settled: memory.generation,
        failed,
        outdated: current?.outdated ?? false,
        held,
        overriddenStop,
      });
      if (action === null) break;
      if (action.kind === 'refuse') {
        logger.warn(
          { app, generation: action.assignment.generation, seen: action.seen },
          'older assignment refused',
        );
        return;
      }
      await execute(action);
    }
    if (context.desired() === null) await context.memory.forget(app);
  }

  async function wakeNow(): Promise<WakeResult> {
    if (current !== null) return { ok: true, endpoint: endpointOf(current) };
    const assignment = chosen();
    if (assignment === null) throw notAssigned(app);
    held = false;
    const desired = context.desired();
    overriddenStop = desired?.stopped ? desired.stop_position : 0;
    const why = await bringUp(assignment);
    // `current` may be gone again: a runner that dies right after its first answer has not served anybody.
    const runner: LiveRunner | null = current;
    if (runner !== null) return { ok: true, endpoint: endpointOf(runner) };
    const { generation } = assignment;
    const reason = lastError ?? 'the runner ended';
    return { ok: false, failure: why ?? { generation, stage: 'start', reason, logTail: [], retryAt: 0 } };
  }

  return {
    async converge() {
      try {
        await lane.run(steps);
      } catch (error) {
        logger.error({ app, err: error }, 'converging failed');
      }
    },
    async wake() {
      if (current !== null && !current.isAlive()) await current.ended; // noticed here first
      if (current !== null) return { ok: true, endpoint: endpointOf(current) };
      const isTooEarly = failure !== null && context.clock.now() < failure.retryAt;
      if (isTooEarly && failure !== null && failure.generation === chosen()?.generation) {
        return { ok: false, failure };
      }
      waking ??= lane.run(wakeNow).finally(() => {
        waking = null;
      });
      return waking;
    },
    stop: () =>
      lane.run(async () => {
        held = context.desired()?.stopped !== true;
        await stopCurrent('asked for');
      }),
    status() {
      const assignment = chosen();
      const record = current?.record;
      const isStopped = held || assignment?.stopped === true;
      const resting = isStopped ? 'stopped' : failed || lastError !== null ? 'failed' : 'idle';
      return {
        app,
        state: record !== undefined ? 'running' : launching ? 'starting' : resting,
        generation: record?.generation ?? assignment?.generation ?? memory.generation,
        version: record?.version ?? assignment?.version ?? 0,
        pid: record?.pid ?? null,
        adopted: current?.adopted ?? false,
        started_at: record?.started_at ?? null,
        restart_count: restarts,
        last_error: lastError,
      };
    },
    async close() {
      await Promise.race([lane.idle(), wait(CLOSE_MS, undefined, { ref: false })]);
      current?.release();
      for (const old of draining) {
        aside(old.stop(GRACE_MS), 'a replaced runner was not stopped');
        old.release();
      }
    },
  };
}

function notAssigned(app: string) {
  return supervisorError('app_not_assigned', {
    what: `App ${app} is not placed on this host`,
    hint: 'See `tabbify apps` for where it runs',
  });
}

function endpointOf({ record }: LiveRunner): Endpoint {
  return {
    host: record.bound?.host ?? '127.0.0.1',
    port: record.bound?.port ?? 0,
    runner_key: record.runner_key,
    generation: record.generation,
    version: record.version,
  };
}
