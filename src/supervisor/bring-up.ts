import { hasLostSecret } from '../app/index.ts';
import { messageOf } from '../kit/index.ts';
import type { StartFailure } from './instance-context.ts';
import { aside, type InstanceState, waitsNow } from './instance-state.ts';
import type { LaunchOutcome } from './launch.ts';
import type { LiveRunner } from './live-runner.ts';
import type { Assignment } from './protocol.ts';
import { refusal } from './refusal.ts';
import { generationInTrouble, remember, settle, startFailed } from './remember.ts';
import { waitsAgain } from './restarts.ts';
import { flipRecord } from './runner-record.ts';
import { drain, stopCurrent } from './take-down.ts';

/** The artifact could not be had, or the record could not be saved: there is no process to speak of. */
interface NotLaunched {
  readonly ok: false;
  readonly stage: 'fetch' | 'record';
  readonly reason: string;
  readonly logTail: string[];
}

type NoRunner = Exclude<LaunchOutcome, { readonly ok: true }> | NotLaunched;

/**
 * Starts a generation beside whatever serves, flips to it, and says what came of it.
 *
 * @param watch takes the runner up as the one that serves
 * @returns null when it serves
 */
export async function bringUp(
  state: InstanceState,
  assignment: Assignment,
  watch: (runner: LiveRunner) => void,
): Promise<StartFailure | null> {
  const restarted = state.context.desired()?.restart_position ?? 0;
  state.launching = true;
  try {
    const outcome = await attempt(state, assignment);
    if (!outcome.ok) return failed(state, assignment, outcome);
    const old = state.current;
    watch(outcome.runner);
    started(state, assignment, outcome);
    if (old !== null) drain(state, old);
    await state.context.hook('runner taken up');
    return null;
  } finally {
    state.launching = false;
    // Carried out, for better or worse; a process that is killed before does it once more.
    if (restarted > state.memory.restarted) remember(state, { restarted });
  }
}

/**
 * Starts the app anew with the secrets that it is granted now. Where that fails, what serves goes on, unless it has a value that it may
 * not have any more: then it ends.
 */
export async function regrant(
  state: InstanceState,
  assignment: Assignment,
  watch: (runner: LiveRunner) => void,
): Promise<void> {
  const before = state.current?.record.grant?.secrets ?? [];
  const failure = await bringUp(state, assignment, watch);
  if (failure !== null && hasLostSecret(before, assignment.grant.secrets))
    await stopCurrent(state, 'revoked');
}

/** Fetches the artifact now, so that the first request does not wait for it and a bad one is known at once. */
export async function settleIdle(state: InstanceState, assignment: Assignment): Promise<void> {
  try {
    await state.context.prepare(assignment);
    settle(state, assignment, 'idle');
  } catch (error) {
    const { generation } = assignment;
    const reason = messageOf(error);
    state.failure = { generation, stage: 'fetch', reason, logTail: [] };
    state.lastError = `fetch: ${reason}`;
    settle(state, assignment, 'failed', state.failure);
    startFailed(state, generation, false);
  }
}

async function attempt(state: InstanceState, assignment: Assignment): Promise<LaunchOutcome | NotLaunched> {
  const { context, current, overriddenStop } = state;
  const { closing: signal, home, hook } = context;
  let artifactDir: string;
  try {
    artifactDir = await context.prepare(assignment);
  } catch (error) {
    return { ok: false, stage: 'fetch', reason: messageOf(error), logTail: [] };
  }
  const mustBeHealthy = current !== null || !wasAccepted(state, assignment);
  const canWait = current !== null;
  const outcome = await context.launch({
    ...{ assignment, artifactDir, overriddenStop, mustBeHealthy, canWait, signal },
    secretsFirst: waitsNow(state) !== null,
  });
  if (!outcome.ok) return outcome;
  try {
    await flipRecord(home, outcome.runner.record);
    await hook('record flipped');
    return outcome;
  } catch (error) {
    outcome.runner.kill();
    return { ok: false, stage: 'record', reason: messageOf(error), logTail: [] };
  }
}

/** Was it taken up before, by its deployment or by a request afterwards? */
function wasAccepted({ memory }: InstanceState, { generation }: Assignment): boolean {
  return generation < memory.generation || (generation === memory.generation && memory.outcome !== 'failed');
}

function started(
  state: InstanceState,
  assignment: Assignment,
  { runner, times }: Extract<LaunchOutcome, { readonly ok: true }>,
): void {
  const { app, logger, observer, outbox } = state.context;
  const { record } = runner;
  const { generation, version, pid, nonce } = record;
  state.failure = null;
  state.lastError = null;
  state.waits = null;
  logger.info({ app, generation, version, pid, ms: times }, 'app started');
  remember(state, { told: nonce }, outbox.send(observer.started(record)));
  // A version that had been given up and was started by a request after all is as good as any.
  const isRevived = generation === state.memory.generation && state.memory.outcome === 'failed';
  if (generation > state.memory.generation || isRevived) settle(state, assignment, 'running');
}

function failed(state: InstanceState, assignment: Assignment, outcome: NoRunner): StartFailure {
  const { generation } = assignment;
  const { context, current } = state;
  const { app, clock, logger, observer, outbox } = context;
  const { stage, reason, logTail } = outcome;
  const hint = 'hint' in outcome ? outcome.hint : undefined;
  const failure = { generation, stage, reason, hint, logTail };
  state.failure = failure;
  if (context.closing.aborted) return refusal(state, failure);
  state.lastError = `${stage}: ${reason}`;
  logger.warn({ app, generation, stage, reason }, 'app did not start');
  const isNew = generation > state.memory.generation;
  if (isNew) settle(state, assignment, 'failed', failure);
  if (stage === 'secrets') {
    state.waits = waitsAgain(waitsNow(state), generationInTrouble(state, generation), clock.now());
    return refusal(state, failure);
  }
  if (!isNew && 'nonce' in outcome && current === null) {
    const { code, signal } = outcome.ending;
    const end = observer.crashed(outcome.nonce, { app, generation, code, signal, log_tail: logTail });
    aside(state, outbox.send(end), 'a failed start was not told');
  }
  if (!isNew || current === null) startFailed(state, generation, !isNew && current === null);
  return refusal(state, failure);
}
