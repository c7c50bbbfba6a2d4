import type { Assignment } from './protocol.ts';

/** What a supervisor knows of an app at the moment of deciding. */
export interface InstanceView {
  /** Generation of the runner that serves; null when none does. */
  readonly running: number | null;
  /** Highest generation that was taken up or given up; 0 for none. */
  readonly settled: number;
  /** The settled generation crashed or did not start: it is not started again without being asked. */
  readonly failed: boolean;
  /** What serves speaks a control protocol of another time (see `LiveRunner.outdated`). */
  readonly outdated: boolean;
  /** Stopped by the node's call, which the desired state does not show yet. */
  readonly held: boolean;
  /** Position of the stop after which a request woke what runs; 0: no stop stood then. */
  readonly overriddenStop: number;
}

/** The next single step towards what should be. */
export type Action =
  /** A new generation is ready and will start on the first request. */
  | { readonly kind: 'settle_idle'; readonly assignment: Assignment }
  /** Nothing runs, and the app is to run without being asked. */
  | { readonly kind: 'start'; readonly assignment: Assignment }
  /** An older generation serves: start the new one beside it, flip, drain. */
  | { readonly kind: 'replace'; readonly assignment: Assignment }
  /** The right generation serves from a program that the office cannot talk to: the same again beside it, flip, drain. */
  | { readonly kind: 'renew'; readonly assignment: Assignment }
  /** The generation runs already; only the report of it is missing. */
  | { readonly kind: 'confirm'; readonly assignment: Assignment }
  | { readonly kind: 'stop'; readonly reason: 'stopped' | 'unassigned' }
  /** An assignment older than what was seen: not followed. */
  | { readonly kind: 'refuse'; readonly assignment: Assignment; readonly seen: number };

/**
 * Decides the next step for one app. A function of values: called again after each step, until it gives null.
 *
 * @param desired what the log says should be; null when the app is not placed on this host (any more)
 */
export function reconcile(desired: Assignment | null, view: InstanceView): Action | null {
  if (desired === null) return view.running === null ? null : { kind: 'stop', reason: 'unassigned' };
  const seen = Math.max(view.settled, view.running ?? 0);
  if (desired.generation < seen) return { kind: 'refuse', assignment: desired, seen };
  const isNew = desired.generation > view.settled;
  if (view.running !== null) {
    if (desired.stopped && desired.stop_position > view.overriddenStop)
      return { kind: 'stop', reason: 'stopped' };
    if (!isNew) return view.outdated && !view.failed ? { kind: 'renew', assignment: desired } : null;
    return { kind: view.running === desired.generation ? 'confirm' : 'replace', assignment: desired };
  }
  const runsUnasked = (desired.settings.lifecycle === 'always_on' || desired.pinned) && !desired.stopped;
  if (runsUnasked && (isNew || !(view.failed || view.held))) return { kind: 'start', assignment: desired };
  return isNew ? { kind: 'settle_idle', assignment: desired } : null;
}
