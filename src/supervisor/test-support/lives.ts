import type { Assignment } from '../protocol.ts';
import type { InstanceView, RunningView } from '../reconcile.ts';
import { alwaysOnOf, assignmentOf } from './assignment.ts';

/** Values for tests of decisions; nothing of them is run. */
export const blankView: InstanceView = {
  running: null,
  settled: 0,
  gaveUp: false,
  fallback: null,
  trouble: null,
  grant: 'as_desired',
  held: false,
  overriddenStop: 0,
  restarted: 0,
  reset: 0,
  purged: 0,
};

/** A runner that serves since a moment ago. */
export function serves(generation: number, now: number, changes: Partial<RunningView> = {}): RunningView {
  return {
    generation,
    since: now,
    activeAt: now,
    lookedAt: now,
    silentRounds: 0,
    outdated: false,
    ...changes,
  };
}

const APP = '0191e7c2-1111-7222-8333-444455556666';

export function assignment(generation: number, changes: Partial<Assignment> = {}): Assignment {
  return assignmentOf(APP, generation, changes);
}

export function alwaysOn(generation: number, changes: Partial<Assignment> = {}): Assignment {
  return alwaysOnOf(assignment(generation, changes));
}
