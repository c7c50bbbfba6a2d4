import type { Assignment } from './protocol.ts';
import type { InstanceView } from './reconcile.ts';
import { restartStatus } from './restarts.ts';

/** Where an app is in its life on one host. */
export type LifeState = 'absent' | 'idle' | 'starting' | 'running' | 'waiting' | 'parked' | 'stopped';

/** One way from a state to another, and what takes an app there. */
interface Transition {
  readonly from: LifeState;
  readonly to: LifeState;
  readonly on: string;
}

/**
 * Every change of state there is (CONTRACTS §8). `docs/lifecycle.md` draws this table, and a test plays random lives
 * that must stay within it and use all of it.
 */
export const TRANSITIONS: readonly Transition[] = [
  { from: 'absent', to: 'idle', on: 'placed' },
  { from: 'absent', to: 'stopped', on: 'placed again by a supervisor that starts, while it stands stopped' },
  { from: 'idle', to: 'starting', on: 'request, start, restart, or always on' },
  { from: 'idle', to: 'stopped', on: 'stop' },
  { from: 'idle', to: 'absent', on: 'purged or moved' },
  { from: 'starting', to: 'running', on: 'it answers' },
  { from: 'starting', to: 'waiting', on: 'failure' },
  { from: 'starting', to: 'parked', on: 'tenth failure' },
  { from: 'starting', to: 'stopped', on: 'failure of what a request had woken' },
  { from: 'running', to: 'starting', on: 'restart or deployment: a second one beside it' },
  { from: 'running', to: 'idle', on: 'nobody asked for it for a while' },
  { from: 'running', to: 'waiting', on: 'crash, or silent for three rounds' },
  { from: 'running', to: 'parked', on: 'tenth failure' },
  { from: 'running', to: 'stopped', on: 'stop' },
  { from: 'running', to: 'absent', on: 'purged or moved' },
  { from: 'waiting', to: 'starting', on: 'back-off is over, or a request after a first crash' },
  { from: 'waiting', to: 'idle', on: 'deployment or reset' },
  { from: 'waiting', to: 'stopped', on: 'stop' },
  { from: 'waiting', to: 'absent', on: 'purged or moved' },
  { from: 'parked', to: 'idle', on: 'deployment or reset' },
  { from: 'parked', to: 'stopped', on: 'stop' },
  { from: 'parked', to: 'absent', on: 'purged or moved' },
  { from: 'stopped', to: 'starting', on: 'request' },
  { from: 'stopped', to: 'idle', on: 'start, restart or deployment' },
  { from: 'stopped', to: 'waiting', on: 'start or restart within the back-off' },
  { from: 'stopped', to: 'parked', on: 'start or restart of what was parked' },
  { from: 'stopped', to: 'absent', on: 'purged or moved' },
];

/** @param isStarting a runner is being started now */
export function lifeState(
  desired: Assignment | null,
  view: Pick<InstanceView, 'running' | 'trouble' | 'held'>,
  isStarting: boolean,
): LifeState {
  if (isStarting) return 'starting';
  if (view.running !== null) return 'running';
  if (desired === null) return 'absent';
  if (desired.stopped || view.held) return 'stopped';
  if (view.trouble === null) return 'idle';
  return restartStatus(view.trouble) === 'parked' ? 'parked' : 'waiting';
}
