import { setTimeout as wait } from 'node:timers/promises';
import type { FoundRunner } from './adopt.ts';
import { blankMemory } from './app-memory.ts';
import { bringUp, regrant, settleIdle } from './bring-up.ts';
import { supervisorError } from './errors.ts';
import { inherit } from './inherit.ts';
import type { Instance, InstanceContext, StartFailure, WakeResult } from './instance-context.ts';
import { artifactsOf, aside, blankState, chosen, type InstanceState, viewNow } from './instance-state.ts';
import { instanceStatus } from './instance-status.ts';
import type { LiveRunner } from './live-runner.ts';
import { passedAway } from './passing-away.ts';
import type { Assignment, WakeReply } from './protocol.ts';
import { type Action, reconcile } from './reconcile.ts';
import { refusal, refusedNow } from './refusal.ts';
import { settle, untroubled } from './remember.ts';
import type { RunnerRecord } from './runner-record.ts';
import { GRACE_MS, purge, stopCurrent } from './take-down.ts';
import { takeUp } from './take-up.ts';
import { tellDenied } from './tell-denied.ts';
import { tellGrant } from './tell-grant.ts';

/** Milliseconds a closing supervisor waits for a stop under way; the runner ends without it as well. */
const CLOSE_MS = 2_000;
/** No chain of steps is longer; a decision that repeats itself must not spin. */
const MAX_STEPS = 8;

/** @param found what an earlier supervisor left of the app's runner */
export function createInstance(context: InstanceContext, found: FoundRunner | null): Instance {
  const { app, logger } = context;
  const state = blankState(context);
  const { lane, draining } = state;
  let waking: Promise<WakeResult> | null = null;
  let converging: Promise<void> | null = null;
  let looking = false;
  const watch = (runner: LiveRunner): void => takeUp(state, runner, converge);
  const start = (assignment: Assignment): Promise<StartFailure | null> => bringUp(state, assignment, watch);
  if (found?.kind === 'adopted') {
    watch(found.runner);
    state.overriddenStop = found.runner.record.overridden_stop;
  }
  const loaded = lane.run(async () => {
    state.memory = await context.memory.load(app);
    if (found !== null) await inherit(state, found);
  });
  aside(state, loaded, 'what was there before could not be taken over');

  async function execute(action: Exclude<Action, { kind: 'refuse' }>): Promise<void> {
    switch (action.kind) {
      case 'settle_idle':
        return settleIdle(state, action.assignment);
      case 'start':
      case 'restart':
      case 'renew':
        return void (await start(chosen(state) ?? action.assignment));
      case 'replace':
        return void (await start(action.assignment));
      case 'grant':
        return tellGrant(state, action.assignment);
      case 'regrant':
        return regrant(state, action.assignment, watch);
      case 'confirm':
        state.failure = null;
        state.lastError = null;
        return settle(state, action.assignment, 'running');
      case 'stop':
        return stopCurrent(state, action.reason);
      case 'stop_idle':
        return stopCurrent(state, 'idle');
      case 'kill_silent':
        logger.error(
          { app, pid: state.current?.record.pid },
          'runner does not answer any more, or is not well: it is killed',
        );
        state.current?.kill();
        return void (await state.current?.ended);
      case 'recover':
        state.waits = null;
        return untroubled(state, String(state.memory.trouble?.failed_at));
      case 'reset':
        return untroubled(state, `reset/${action.position}`, { reset: action.position });
      case 'purge':
        return purge(state, action.assignment);
    }
  }

  async function steps(): Promise<void> {
    for (let step = 0; step < MAX_STEPS && !context.closing.aborted; step++) {
      const desired = context.desired();
      // An end that is not told yet comes first: it decides when the next start may be.
      if (desired === undefined || state.unsettledEnds > 0) return;
      if (desired?.stopped) state.held = false;
      const action = reconcile(desired, viewNow(state, desired), context.clock.now());
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
    if (context.desired() !== null || state.memory === blankMemory) return;
    state.memory = blankMemory;
    await state.saving; // nothing may bring it back
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

  /** A runner that ended right after it was up is a first crash: who asks does not have to wait for a single mishap. */
  async function wakeUp(): Promise<WakeResult> {
    const first = await lane.run(wakeNow);
    return first.ok || !first.wasUp ? first : lane.run(wakeNow); // its end is told before this one's turn
  }

  async function wakeNow(): Promise<WakeResult & { readonly wasUp?: boolean }> {
    if (state.current !== null) return { ok: true, reply: wakeReplyOf(state.current.record) };
    const assignment = chosen(state);
    const desired = context.desired();
    if (assignment === null || isPurged(desired)) throw notAssigned(app);
    const tooEarly = refusedNow(state);
    if (tooEarly !== null) return { ok: false, failure: tooEarly };
    state.held = false;
    state.overriddenStop = desired?.stopped ? desired.stop_position : 0;
    const why = await start(assignment);
    // It may be gone again: a runner that dies right after its first answer has not served anybody.
    const runner = serving(state);
    if (runner !== null) return { ok: true, reply: wakeReplyOf(runner.record) };
    const { generation } = assignment;
    const reason = state.lastError ?? 'the runner ended';
    const unknown = { generation, stage: 'start', reason, logTail: [] };
    return { ok: false, failure: why ?? refusal(state, unknown), wasUp: why === null };
  }

  return {
    converge,
    async look() {
      if (looking) return;
      looking = true;
      try {
        await state.activity?.look();
        tellDenied(state);
        await converge();
      } finally {
        looking = false;
      }
    },
    async wake() {
      if (state.current !== null) await passedAway(state.current); // who asks may have noticed first
      state.activity?.touch();
      const runner = serving(state);
      if (runner !== null) return { ok: true, reply: wakeReplyOf(runner.record) };
      waking ??= wakeUp().finally(() => {
        waking = null;
      });
      return waking;
    },
    stop: () =>
      lane.run(async () => {
        state.held = context.desired()?.stopped !== true;
        await stopCurrent(state, 'asked for');
      }),
    artifacts: () => artifactsOf(state),
    status: () => instanceStatus(state),
    async close() {
      const settled = lane.idle().then(() => state.saving);
      await Promise.race([settled, wait(CLOSE_MS, undefined, { ref: false })]);
      state.current?.release();
      for (const old of draining) {
        aside(state, old.stop(GRACE_MS), 'a replaced runner was not stopped');
        old.release();
      }
    },
  };
}

/** The runner that serves at this moment, whatever was known a moment ago. */
function serving({ current }: InstanceState): LiveRunner | null {
  return current;
}

/** A purge waits, or was done and the log does not show it yet; a deployment after it counts again. */
function isPurged(desired: Assignment | null | undefined): boolean {
  return desired?.stopped === true && desired.purge_position > 0;
}

function notAssigned(app: string) {
  return supervisorError('app_not_assigned', {
    what: `App ${app} is not placed on this host`,
    hint: 'See `tabbify apps` for where it runs',
  });
}

/** @param record of a runner that serves */
function wakeReplyOf({ app, endpoint, runner_key, generation, version }: RunnerRecord): WakeReply {
  if (endpoint === null) throw new Error(`the runner of ${app} serves nowhere`);
  return { endpoint, runner_key, generation, version };
}
