/**
 * Moments in the work of a supervisor after each of which it may be killed, and the next one goes on from what is on disk
 * (`test/drill/adopt` kills one at each of them).
 */
export const SUPERVISOR_POINTS = [
  // it starts
  'records read',
  'found runners judged',
  'desired state saved',
  // a runner is started
  'host started',
  'record staged',
  'app given to its runner',
  'app healthy',
  'record flipped',
  'runner taken up',
  // a runner is replaced
  'old runner drained',
  'old runner stopped',
  'old record removed',
  // a runner is stopped, or ended by itself
  'end noted',
  'runner stopped',
  'end told',
  'failure counted',
  'record removed',
  // an app is purged
  'traces removed',
  'purge told',
  // whatever is said or remembered
  'observation written',
  'observation delivered',
  'memory saved',
] as const;

export type SupervisorPoint = (typeof SUPERVISOR_POINTS)[number];

/** For tests: called at each point, and waited for. */
export type SupervisorHook = (point: SupervisorPoint) => void | Promise<void>;
