import type { GrantView } from './grant-view.ts';
import type { Assignment } from './protocol.ts';
import { HEALTHY_MS, mayStart, type Trouble } from './restarts.ts';
import { isSameRun } from './same-run.ts';

/** The runner that serves, as it was last looked at; times in milliseconds since the epoch. */
export interface RunningView {
  readonly generation: number;
  /** It serves (for this supervisor) since then. */
  readonly since: number;
  /** Last request that is known of, or moment at which one was under way. */
  readonly activeAt: number;
  /** When its figures were last read: activity after that is not known yet. */
  readonly lookedAt: number;
  /** Rounds of the monitor in a row in which it did not answer, or said that it is not well. */
  readonly silentRounds: number;
  /** It speaks a control protocol of another time (see `LiveRunner.outdated`): it is not asked how it does. */
  readonly outdated: boolean;
}

/** What a supervisor knows of an app at the moment of deciding. */
export interface InstanceView {
  /** Null when no runner serves. */
  readonly running: RunningView | null;
  /** Highest generation that was taken up or given up; 0 for none. */
  readonly settled: number;
  /** The settled generation did not start, and there is none before it that did. */
  readonly gaveUp: boolean;
  /** The settled generation did not start: the last good assignment, which what serves was begun for; else null. */
  readonly fallback: Assignment | null;
  /** Of the generation that should be; null when all is well. */
  readonly trouble: Trouble | null;
  /** What the runner was granted, beside what it should be. */
  readonly grant: GrantView;
  /** Stopped by the node's call, which the desired state does not show yet. */
  readonly held: boolean;
  /** Position of the stop after which a request woke what runs; 0: no stop stood then. */
  readonly overriddenStop: number;
  /** Positions of the last restart, reset and purge that were carried out; 0 for none. */
  readonly restarted: number;
  readonly reset: number;
  readonly purged: number;
}

/** The next single step towards what should be. */
export type Action =
  /** A new generation is ready and will start on the first request. */
  | { readonly kind: 'settle_idle'; readonly assignment: Assignment }
  /** Nothing runs, and the app is to run without being asked. */
  | { readonly kind: 'start'; readonly assignment: Assignment }
  /** An older generation serves: start the new one beside it, flip, drain. */
  | { readonly kind: 'replace'; readonly assignment: Assignment }
  /** The generation runs already, or one that differs from it in number alone; only the report of it is missing. */
  | { readonly kind: 'confirm'; readonly assignment: Assignment }
  /** Asked for: start the same generation beside what serves, flip, drain. */
  | { readonly kind: 'restart'; readonly assignment: Assignment }
  /**
   * The right generation serves from a program that the office cannot talk to, or with other secrets: the same again beside it,
   * flip, drain.
   */
  | { readonly kind: 'renew'; readonly assignment: Assignment }
  /** Another grant, which the runner takes as it runs. */
  | { readonly kind: 'grant'; readonly assignment: Assignment }
  /** Another grant, which it cannot take as it runs: the same again beside it, flip, drain. */
  | { readonly kind: 'regrant'; readonly assignment: Assignment }
  | { readonly kind: 'stop'; readonly reason: 'stopped' | 'unassigned' | 'revoked' }
  /** Nobody asked for it for a while. No failure. */
  | { readonly kind: 'stop_idle' }
  /** It lives, and does not answer or is not well. */
  | { readonly kind: 'kill_silent' }
  /** It did well for a while: failures are forgotten. */
  | { readonly kind: 'recover' }
  /** Asked for: failures are forgotten. */
  | { readonly kind: 'reset'; readonly position: number }
  /** Stop, and remove all that this host keeps of the app. */
  | { readonly kind: 'purge'; readonly assignment: Assignment }
  /** An assignment older than what was seen: not followed. */
  | { readonly kind: 'refuse'; readonly assignment: Assignment; readonly seen: number };

/** Rounds of the monitor that a living runner may leave without a good answer (CONTRACTS §8, "past its grace"). */
const SILENT_ROUNDS = 3;

/**
 * Decides the next step for one app. A function of values: called again after each step, until it gives null.
 *
 * @param desired what the log says should be; null when the app is not placed on this host (any more)
 * @param now milliseconds since the epoch
 */
export function reconcile(desired: Assignment | null, view: InstanceView, now: number): Action | null {
  const { running } = view;
  if (desired === null) return running === null ? null : { kind: 'stop', reason: 'unassigned' };
  const seen = Math.max(view.settled, running?.generation ?? 0);
  if (desired.generation < seen) return { kind: 'refuse', assignment: desired, seen };
  if (desired.purge_position > view.purged) return { kind: 'purge', assignment: desired };
  if (running !== null && desired.stopped && desired.stop_position > view.overriddenStop)
    return { kind: 'stop', reason: 'stopped' };
  if (desired.reset_position > view.reset) return { kind: 'reset', position: desired.reset_position };
  return running === null ? resting(desired, view, now) : serving(desired, view, running, now);
}

function serving(desired: Assignment, view: InstanceView, running: RunningView, now: number): Action | null {
  const { settings, generation } = desired;
  if (generation > view.settled)
    return { kind: runsAlready(desired, view, running) ? 'confirm' : 'replace', assignment: desired };
  if (desired.restart_position > view.restarted) return { kind: 'restart', assignment: desired };
  if (view.grant === 'tell' && !running.outdated) return { kind: 'grant', assignment: desired };
  if (running.outdated) return mayStart(view.trouble, now) ? { kind: 'renew', assignment: desired } : null;
  if (running.silentRounds >= SILENT_ROUNDS) return { kind: 'kill_silent' };
  const needsAnother = view.grant === 'renew' || view.grant === 'revoke';
  if (needsAnother && mayStart(view.trouble, now)) return { kind: 'regrant', assignment: desired };
  if (view.grant === 'revoke') return { kind: 'stop', reason: 'revoked' };
  const maySleep = settings.lifecycle === 'on_request' && !desired.pinned;
  if (maySleep && running.lookedAt - running.activeAt >= settings.idle_timeout_sec * 1000)
    return { kind: 'stop_idle' };
  const isWell = running.silentRounds === 0 && now - running.since >= HEALTHY_MS;
  return isWell && !needsAnother && view.trouble !== null ? { kind: 'recover' } : null;
}

/**
 * Is it this generation that serves, or the one that an office returns to after a version that did not start? Such a return is no
 * reason for a visitor to lose anything. A deployment that somebody asked for is another matter: it begins anew.
 */
function runsAlready(desired: Assignment, { fallback }: InstanceView, running: RunningView): boolean {
  if (running.generation === desired.generation) return true;
  if (fallback === null || running.outdated || running.generation > fallback.generation) return false;
  return isSameRun(fallback, desired);
}

function resting(desired: Assignment, view: InstanceView, now: number): Action | null {
  const isNew = desired.generation > view.settled;
  const isUnasked = runsUnasked(desired);
  if (isNew && isUnasked) return { kind: 'start', assignment: desired };
  if (isNew) return { kind: 'settle_idle', assignment: desired };
  const isAskedFor = desired.restart_position > view.restarted && !desired.stopped;
  const isWanted = isAskedFor || (isUnasked && !view.gaveUp);
  return isWanted && !view.held && mayStart(view.trouble, now)
    ? { kind: 'start', assignment: desired }
    : null;
}

/** Does it run although nobody asks for anything? */
function runsUnasked({ settings, pinned, stopped }: Assignment): boolean {
  return (settings.lifecycle === 'always_on' || pinned) && !stopped;
}
