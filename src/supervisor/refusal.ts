import type { StartFailure } from './instance-context.ts';
import { type InstanceState, type KnownFailure, troubleNow } from './instance-state.ts';
import { mayWake, retryAt } from './restarts.ts';

/** What a visitor is told. */
export function refusal(state: InstanceState, why: KnownFailure): StartFailure {
  const trouble = troubleNow(state);
  return { ...why, retryAt: trouble === null ? state.context.clock.now() : retryAt(trouble) };
}

/** Why a request does not start it now; null when it does. */
export function refusedNow(state: InstanceState): StartFailure | null {
  const trouble = troubleNow(state);
  if (trouble === null || mayWake(trouble, state.context.clock.now())) return null;
  const { generation, failures } = trouble;
  const unknown = { generation, stage: 'start', reason: `it failed ${failures} times`, logTail: [] };
  return refusal(state, state.failure ?? unknown);
}
