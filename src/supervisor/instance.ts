import { setTimeout as wait } from 'node:timers/promises';
import { messageOf } from '../kit/index.ts';
import { type Activity, watchActivity } from './activity.ts';
import { type AppMemory, blankMemory } from './app-memory.ts';
import { supervisorError } from './errors.ts';
import type { Instance, InstanceContext, StartFailure, WakeResult } from './instance-context.ts';
import { createLane } from './lane.ts';
import type { LaunchOutcome } from './launch.ts';
import { lifeState } from './life-states.ts';
import type { Ending, LiveRunner } from './live-runner.ts';
import { lastWords } from './log-tail.ts';
import type { Assignment, InstanceStatus, WakeReply } from './protocol.ts';
import { type Action, type InstanceView, reconcile } from './reconcile.ts';
import { failedAgain, mayWake, restartStatus, retryAt, type Trouble } from './restarts.ts';
import { flipRecord, forgetRunner } from './runner-record.ts';
import { sayThenForget } from './say-then-forget.ts';

/** The artifact could not be had, or the record could not be saved: there is no process to speak of. */
interface NotLaunched {
  readonly ok: false;
  readonly stage: 'fetch' | 'record';
  readonly reason: string;
  readonly logTail: string[];
}

/** Milliseconds requests under way get when a runner is stopped. */
const GRACE_MS = 10_000;
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
  let saving: Promise<unknown> = Promise.resolve();
  let current: LiveRunner | null = null;
  let activity: Activity | null = null;
  let launching = false;
  let waking: Promise<WakeResult> | null = null;
  let converging: Promise<void> | null = null;
  let looking = false;
  /** Ends of runners that were noticed and not yet told. */
  let unsettledEnds = 0;
  let failure: Omit<StartFailure, 'retryAt'> | null = null;
  let lastError: string | null = null;
  let held = false;
  let overriddenStop = adopted?.record.overridden_stop ?? 0;
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

  /** Of what should run now; a deployment begins without any. */
  function troubleNow(): Trouble | null {
    const generation = context.desired()?.generation ?? memory.generation;
    return memory.trouble?.generation === generation ? memory.trouble : null;
  }

  function viewNow(desired: Assignment | null): InstanceView {
    const gaveUp = memory.outcome === 'failed' && memory.generation === desired?.generation;
    return {
      running: activity?.view() ?? null,
      settled: memory.generation,
      gaveUp: gaveUp && memory.good === null,
      trouble: troubleNow(),
      ...{ held, overriddenStop },
      restarted: memory.restarted,
      reset: memory.reset,
      purged: memory.purged,
    };
  }

  /** Changes what is remembered; on disk once what was said of it is there. @param said the reports, if any */
  function remember(changes: Partial<AppMemory>, said: Promise<boolean> = Promise.resolve(true)): void {
    memory = { ...memory, ...changes };
    const snapshot = memory;
    saving = saving.then(async () => {
      if (await said) await context.memory.save(app, snapshot);
    });
    aside(saving, 'what happened is not remembered');
    saving = saving.catch(() => {}); // logged
  }

  /** One failure more. @param isTold false: the report of the deployment says it */
  function troubled(generationThatFailed: number, served: boolean, isTold = true): void {
    const generation = context.desired()?.generation ?? generationThatFailed;
    const trouble = failedAgain(memory.trouble, { generation, served, now: context.clock.now() });
    const { failures } = trouble;
    logger.warn({ app, generation, failures, status: restartStatus(trouble) }, 'app failed');
    remember({ trouble }, isTold ? outbox.send(observer.troubled(app, trouble)) : undefined);
  }

  /** @param since makes the report of it one of its own */
  function untroubled(since: string, changes: Partial<AppMemory> = {}): void {
    const generation = context.desired()?.generation ?? memory.generation;
    failure = null;
    lastError = null;
    remember({ ...changes, trouble: null }, outbox.send(observer.untroubled(app, generation, since)));
  }

  function takeUp(runner: LiveRunner): void {
    current = runner;
    activity = watchActivity(runner, context.clock);
    void runner.ended.then((ending) => {
      if (current === runner) crashed(runner, ending);
    });
  }

  function crashed({ record }: LiveRunner, { code, signal }: Ending): void {
    current = null;
    activity = null;
    unsettledEnds += 1;
    const { generation } = record;
    lastError = `the runner ended (code ${code}, signal ${signal})`;
    failure = { generation, stage: 'run', reason: lastError, logTail: [] };
    logger.warn({ app, pid: record.pid, code, signal }, 'runner ended unasked');
    // In its turn, so that the end is told before the next start, and the record is not taken from a successor.
    const told = lane.run(async () => {
      try {
        const logTail = await lastWords(record.log_file, generation);
        if (failure !== null) failure = { ...failure, logTail };
        const end =
          code === 0
            ? observer.stopped(record.nonce, { app, generation, reason: 'the runner ended by itself' })
            : observer.crashed(record.nonce, { app, generation, code, signal, log_tail: logTail });
        await sayThenForget(outbox, home, record, end);
        troubled(generation, true);
      } finally {
        unsettledEnds -= 1;
      }
    });
    aside(told, 'a crash was not told');
    aside(told.then(converge), 'a crash was not followed');
  }

  /** Work nobody waits for: what goes wrong in it is logged. */
  function aside(work: Promise<unknown>, what: string): void {
    work.catch((error: unknown) => logger.error({ app, err: error }, what));
  }

  /** Starts a generation beside whatever serves, flips to it, and says what came of it. */
  async function bringUp(assignment: Assignment): Promise<StartFailure | null> {
    const { generation } = assignment;
    const restarted = context.desired()?.restart_position ?? 0;
    launching = true;
    try {
      const outcome = await attempt(assignment);
      if (outcome.ok) {
        const old = current;
        takeUp(outcome.runner);
        failure = null;
        lastError = null;
        const { record } = outcome.runner;
        logger.info(
          { app, generation, version: record.version, pid: record.pid, ms: outcome.times },
          'app started',
        );
        void outbox.send(observer.started(record));
        // A version that had been given up and was started by a request after all is as good as any.
        const isRevived = generation === memory.generation && memory.outcome === 'failed';
        if (generation > memory.generation || isRevived) settle(assignment, 'running');
        if (old !== null) drain(old);
        return null;
      }
      const { stage, reason, logTail } = outcome;
      failure = { generation, stage, reason, logTail };
      if (context.closing.aborted) return refusal(failure);
      lastError = `${stage}: ${reason}`;
      logger.warn({ app, generation, stage, reason }, 'app did not start');
      const isNew = generation > memory.generation;
      if (isNew) settle(assignment, 'failed', failure);
      else if ('nonce' in outcome && current === null) {
        const { code, signal } = outcome.ending;
        void outbox.send(
          observer.crashed(outcome.nonce, { app, generation, code, signal, log_tail: logTail }),
        );
      }
      if (!isNew || current === null) troubled(generation, false, !isNew && current === null);
      return refusal(failure);
    } finally {
      launching = false;
      // Carried out, for better or worse; a process that is killed before does it once more.
      if (restarted > memory.restarted) remember({ restarted });
    }
  }

  /** What a visitor is told. */
  function refusal(why: Omit<StartFailure, 'retryAt'>): StartFailure {
    const trouble = troubleNow();
    return { ...why, retryAt: trouble === null ? context.clock.now() : retryAt(trouble) };
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

  /** Reports that a generation was taken up or given up; remembered on disk once the report is there. */
  function settle(
    assignment: Assignment,
    outcome: AppMemory['outcome'],
    why: Omit<StartFailure, 'retryAt'> | null = null,
  ): void {
    const { generation } = assignment;
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
    const good = outcome === 'failed' ? memory.good : assignment;
    remember({ generation, outcome, good }, outbox.send(report));
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

  async function stopCurrent(
    reason: 'stopped' | 'unassigned' | 'asked for' | 'idle' | 'purged',
  ): Promise<void> {
    const runner = current;
    if (runner === null) return;
    current = null; // from here on its end is no crash, and a wake waits for its turn
    activity = null;
    await runner.stop(GRACE_MS);
    const { nonce, generation } = runner.record;
    logger.info({ app, generation, reason }, 'app stopped');
    const end =
      reason === 'idle'
        ? observer.idled(nonce, { app, generation })
        : observer.stopped(nonce, { app, generation, reason });
    await sayThenForget(outbox, home, runner.record, end);
  }

  async function execute(action: Exclude<Action, { kind: 'refuse' }>): Promise<void> {
    switch (action.kind) {
      case 'settle_idle':
        return settleIdle(action.assignment);
      case 'start':
      case 'restart':
      case 'renew':
        return void (await bringUp(chosen() ?? action.assignment));
      case 'replace':
        return void (await bringUp(action.assignment));
      case 'confirm':
        return settle(action.assignment, 'running');
      case 'stop':
        return stopCurrent(action.reason);
      case 'stop_idle':
        return stopCurrent('idle');
      case 'kill_silent':
        logger.error({ app, pid: current?.record.pid }, 'runner does not answer any more: it is killed');
        current?.kill();
        return void (await current?.ended);
      case 'recover':
        return untroubled(String(memory.trouble?.failed_at));
      case 'reset':
        return untroubled(`reset/${action.position}`, { reset: action.position });
      case 'purge':
        return purge(action.assignment);
    }
  }

  /** All of it can be done again: what is remembered of it comes last. */
  async function purge({ stopped, generation, purge_position }: Assignment): Promise<void> {
    await stopCurrent('purged');
    for (const old of draining) {
      draining.delete(old);
      await old.stop(GRACE_MS);
      await forgetRunner(home, old.record);
    }
    await context.removeTraces(artifacts());
    failure = null;
    lastError = null;
    held = false;
    overriddenStop = 0;
    logger.info({ app, generation }, 'app purged');
    // One that was deployed again meanwhile is begun anew.
    const settled = stopped ? generation : generation - 1;
    const said = outbox.send(observer.purged({ app, generation, purge_position }));
    remember({ ...blankMemory, generation: settled, purged: purge_position }, said);
  }

  function artifacts(): readonly string[] {
    const known = [context.desired()?.digest, memory.good?.digest, current?.record.artifact_digest];
    return known.filter((digest) => digest !== undefined);
  }

  /** Fetches the artifact now, so that the first request does not wait for it and a bad one is known at once. */
  async function settleIdle(assignment: Assignment): Promise<void> {
    try {
      await context.prepare(assignment);
      settle(assignment, 'idle');
    } catch (error) {
      const { generation } = assignment;
      const reason = messageOf(error);
      failure = { generation, stage: 'fetch', reason, logTail: [] };
      lastError = `fetch: ${reason}`;
      settle(assignment, 'failed', failure);
      troubled(generation, false, false);
    }
  }

  async function steps(): Promise<void> {
    for (let step = 0; step < MAX_STEPS && !context.closing.aborted; step++) {
      const desired = context.desired();
      // An end that is not told yet comes first: it decides when the next start may be.
      if (desired === undefined || unsettledEnds > 0) return;
      if (desired?.stopped) held = false;
      const action = reconcile(desired, viewNow(desired), context.clock.now());
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
    if (context.desired() !== null || memory === blankMemory) return;
    memory = blankMemory;
    await saving; // nothing may bring it back
    await context.memory.forget(app);
  }

  /** Many calls before the first is at work are one. */
  async function converge(): Promise<void> {
    converging ??= lane.run(async () => {
      converging = null;
      await steps();
    });
    try {
      await converging;
    } catch (error) {
      logger.error({ app, err: error }, 'converging failed');
    }
  }

  async function wakeNow(): Promise<WakeResult> {
    if (current !== null) return { ok: true, reply: wakeReplyOf(current) };
    const assignment = chosen();
    const desired = context.desired();
    if (assignment === null || isPurged(desired)) throw notAssigned(app);
    const tooEarly = refusedNow();
    if (tooEarly !== null) return { ok: false, failure: tooEarly };
    held = false;
    overriddenStop = desired?.stopped ? desired.stop_position : 0;
    const why = await bringUp(assignment);
    // `current` may be gone again: a runner that dies right after its first answer has not served anybody.
    const runner: LiveRunner | null = current;
    if (runner !== null) return { ok: true, reply: wakeReplyOf(runner) };
    const { generation } = assignment;
    const reason = lastError ?? 'the runner ended';
    return { ok: false, failure: why ?? refusal({ generation, stage: 'start', reason, logTail: [] }) };
  }

  /** Why a request does not start it now. */
  function refusedNow(): StartFailure | null {
    const trouble = troubleNow();
    if (trouble === null || mayWake(trouble, context.clock.now())) return null;
    const { generation, failures } = trouble;
    return refusal(
      failure ?? { generation, stage: 'start', reason: `it failed ${failures} times`, logTail: [] },
    );
  }

  /** A purge waits, or was done and the log does not show it yet; a deployment after it counts again. */
  function isPurged(desired: Assignment | null | undefined): boolean {
    return desired?.stopped === true && desired.purge_position > 0;
  }

  return {
    converge,
    async look() {
      if (looking) return;
      looking = true;
      try {
        await activity?.look();
        await converge();
      } finally {
        looking = false;
      }
    },
    async wake() {
      if (current !== null && !current.isAlive()) await current.ended; // noticed here first
      activity?.touch();
      if (current !== null) return { ok: true, reply: wakeReplyOf(current) };
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
    artifacts,
    status() {
      const assignment = chosen();
      const desired = context.desired() ?? null;
      const record = current?.record;
      const trouble = troubleNow();
      const life = lifeState(desired, viewNow(desired), launching && current === null);
      return {
        app,
        state: STATES[life],
        generation: record?.generation ?? assignment?.generation ?? memory.generation,
        version: record?.version ?? assignment?.version ?? 0,
        pid: record?.pid ?? null,
        adopted: current?.adopted ?? false,
        started_at: record?.started_at ?? null,
        restart_status: current === null ? restartStatus(trouble) : 'running',
        restart_count: trouble?.failures ?? 0,
        last_error: lastError,
      };
    },
    async close() {
      const settled = lane.idle().then(() => saving);
      await Promise.race([settled, wait(CLOSE_MS, undefined, { ref: false })]);
      current?.release();
      for (const old of draining) {
        aside(old.stop(GRACE_MS), 'a replaced runner was not stopped');
        old.release();
      }
    },
  };
}

const STATES = {
  ...{ absent: 'idle', idle: 'idle', starting: 'starting', running: 'running' },
  ...{ waiting: 'failed', parked: 'failed', stopped: 'stopped' },
} as const satisfies Record<ReturnType<typeof lifeState>, InstanceStatus['state']>;

function notAssigned(app: string) {
  return supervisorError('app_not_assigned', {
    what: `App ${app} is not placed on this host`,
    hint: 'See `tabbify apps` for where it runs',
  });
}

function wakeReplyOf({ record }: LiveRunner): WakeReply {
  const { endpoint, runner_key, generation, version } = record;
  if (endpoint === null) throw new Error(`the runner of ${record.app} serves nowhere`);
  return { endpoint, runner_key, generation, version };
}
