import type { StartFailure } from './instance-context.ts';
import { type InstanceState, type KnownFailure, troubleNow, waitsNow } from './instance-state.ts';
import { mayWake, retryAt } from './restarts.ts';

/** Milliseconds between two questions for secrets that could not be had: visitors who come in crowds ask once. */
const ASK_AGAIN_MS = 500;

/** What a visitor is told. */
export function refusal(state: InstanceState, why: KnownFailure): StartFailure {
  const trouble = troubleNow(state);
  return { ...why, retryAt: trouble === null ? state.context.clock.now() : retryAt(trouble) };
}

/** Why a request does not start it now; null when it does. */
export function refusedNow(state: InstanceState): StartFailure | null {
  const trouble = troubleNow(state);
  const waits = waitsNow(state);
  const waited = waits === null ? ASK_AGAIN_MS : state.context.clock.now() - waits.failed_at;
  if (waited >= 0 && waited < ASK_AGAIN_MS && state.failure !== null) return refusal(state, state.failure);
  if (trouble === null || mayWake(trouble, state.context.clock.now())) return null;
  const { generation, failures } = trouble;
  const unknown = { generation, stage: 'start', reason: `it failed ${failures} times`, logTail: [] };
  return refusal(state, state.failure ?? unknown);
}
