import type { DomainEventType } from './events.ts';

/** Phases of a deployment that goes on. */
export type OpenPhase =
  | 'requested'
  | 'awaiting_approval'
  | 'approved'
  | 'building'
  | 'placing'
  | 'starting'
  | 'healthy';
/** How a deployment ends; nothing follows. */
export type FinalPhase = 'switched' | 'failed' | 'cancelled' | 'superseded';
/**
 * `requested`: it waits for its turn; `awaiting_approval`: a person has to say yes to what it asks for; `approved`: one did; `building`: its artifact was missing and is being built; `placing`: the artifact
 * is there; `starting`: its hosts are being told; `healthy`: each has answered, and one took it up; `switched`: it is the version in place.
 */
export type DeploymentPhase = OpenPhase | FinalPhase;

/** In this phase, this event leads to that phase; any other event leaves a deployment where it is. */
export interface DeploymentTransition {
  readonly from: OpenPhase;
  readonly on: DomainEventType;
  readonly to: DeploymentPhase;
}

const way = (from: OpenPhase, on: DomainEventType, to: DeploymentPhase): DeploymentTransition => ({
  from,
  on,
  to,
});

const OPEN: readonly OpenPhase[] = [
  'requested',
  'awaiting_approval',
  'approved',
  'building',
  'placing',
  'starting',
  'healthy',
];
/** Nothing was done for it yet. */
const BEFORE_WORK: readonly OpenPhase[] = ['requested', 'approved'];

/** The whole machine; docs/deployments.md draws it, and a test compares the two. */
export const DEPLOYMENT_TRANSITIONS: readonly DeploymentTransition[] = [
  way('requested', 'approval_requested', 'awaiting_approval'),
  way('awaiting_approval', 'approval_granted', 'approved'),
  ...BEFORE_WORK.flatMap((from) => [
    way(from, 'deployment_build_started', 'building'),
    way(from, 'artifact_built', 'placing'),
    // static files alone: there is nothing to build and no host to tell
    way(from, 'deployment_succeeded', 'switched'),
    // where the artifact was there before, the log goes on from the request
    way(from, 'deployment_placed', 'placing'),
    way(from, 'app_assigned', 'starting'),
  ]),
  way('building', 'artifact_built', 'placing'),
  way('placing', 'app_assigned', 'starting'),
  // the last answer of its hosts, if one of them took it up
  way('starting', 'assignment_applied', 'healthy'),
  way('starting', 'assignment_failed', 'healthy'),
  way('starting', 'deployment_target_failed', 'healthy'),
  way('healthy', 'deployment_succeeded', 'switched'),
  ...OPEN.map((from) => way(from, 'deployment_failed', 'failed')),
  ...OPEN.map((from) => way(from, 'deployment_cancelled', 'cancelled')),
  // what a host was told of is brought to its end first
  ...OPEN.slice(0, OPEN.indexOf('starting')).map((from) => way(from, 'deployment_superseded', 'superseded')),
];

const targets: ReadonlyMap<string, DeploymentPhase> = new Map(
  DEPLOYMENT_TRANSITIONS.map(({ from, on, to }) => [`${from} ${on}`, to]),
);

/** Where an event leads. @returns null when it leads nowhere from this phase */
export function phaseAfter(phase: DeploymentPhase, on: DomainEventType): DeploymentPhase | null {
  return targets.get(`${phase} ${on}`) ?? null;
}

/** Does it go on? */
export function isOpenPhase(phase: DeploymentPhase): phase is OpenPhase {
  return (OPEN as readonly DeploymentPhase[]).includes(phase);
}

/** Has no host heard of it yet? Then a newer deployment of the app takes its place. */
export function isUnplaced(phase: DeploymentPhase): boolean {
  return phaseAfter(phase, 'deployment_superseded') !== null;
}

/**
 * The phases that a deployment went through, in order, the one it is in last.
 *
 * @param reached the last one in which it went on
 * @param built it had to be built; else its artifact was there
 * @param approval it had to be approved
 */
export function phasesPassed({
  phase,
  reached,
  built,
  approval,
}: {
  readonly phase: DeploymentPhase;
  readonly reached: OpenPhase;
  readonly built: boolean;
  readonly approval: string | null;
}): DeploymentPhase[] {
  const passed: DeploymentPhase[] = OPEN.slice(0, OPEN.indexOf(reached) + 1).filter((each) => {
    if (each === 'building') return built;
    return approval !== null || (each !== 'awaiting_approval' && each !== 'approved');
  });
  return isOpenPhase(phase) ? passed : [...passed, phase];
}
