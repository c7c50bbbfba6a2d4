import {
  type AppState,
  type DomainEvents,
  isGone,
  isOpenPhase,
  isUnplaced,
  type OfficeState,
  type PlacementState,
} from '../../state/index.ts';
import { assignmentBack } from './assignment.ts';
import { newerThan } from './next-step.ts';
import { type RecordTools, recordStep } from './record.ts';

/**
 * Brings an app to where its newest deployment wants it: older ones that no host has heard of give way, what was placed
 * and then failed or was called off makes room for what served before, and hosts that the deployment in place does not
 * name are left; where static files alone are in place, apps rest. Inside the command queue.
 *
 * All of it follows from the state, so that what a crash left undone is done by the next node.
 */
export async function settleApp(tools: RecordTools, uuid: string): Promise<void> {
  const { office } = tools.live;
  const app = office.apps.get(uuid);
  if (app === undefined) return;
  for (const id of [...app.openDeployments]) {
    const deployment = office.deployments.get(id);
    const by = newerThan(office, app, id);
    if (deployment === undefined || by === null || !isUnplaced(deployment.phase)) continue;
    const data = { app: uuid, deployment_id: id, version: deployment.version, by: by.id };
    await recordStep(tools, id, 'deployment_superseded', data);
  }
  for (const [supervisor, { assignment }] of [...app.placements]) {
    const correction = correctionOf(office, app, supervisor);
    const instead = assignment.deployment;
    if (correction.kind === 'back') {
      await recordStep(
        tools,
        instead,
        'app_assigned',
        correction.assignment,
        `app_returned on ${supervisor}`,
      );
    } else if (correction.kind === 'rest') {
      const data = { app: uuid, supervisor };
      await recordStep(tools, instead, 'app_stop_requested', data, `app_rested on ${supervisor}`);
    } else if (correction.kind === 'leave') {
      const data = { app: uuid, supervisor, data: false }; // what it has stored is nobody's but a person's to remove
      await recordStep(tools, instead, 'app_purge_requested', data, `app_withdrawn from ${supervisor}`);
    }
  }
}

/** Is there anything for `settleApp` to do? */
export function isSettled(office: OfficeState, app: AppState): boolean {
  if (app.openDeployments.size > 1) return false;
  return [...app.placements.keys()].every((host) => correctionOf(office, app, host).kind === 'stay');
}

/** What becomes of what stands on a host. */
type Correction =
  | { readonly kind: 'stay' }
  /** What was there before is to be there again. */
  | { readonly kind: 'back'; readonly assignment: DomainEvents['app_assigned'] }
  /** It is not to run there, and what the host keeps of it stays: its data most of all. */
  | { readonly kind: 'rest' }
  /** Nothing is to be there that the app is run with; its data stays. */
  | { readonly kind: 'leave' };

const STAY: Correction = { kind: 'stay' };

/**
 * A new generation for the way back, as a host follows no lower one. Where nothing was good before, a deployment that was
 * called off is taken off its host, and one that failed stays for its next request; where another host has a version in
 * place, both are taken off.
 */
function correctionOf(office: OfficeState, app: AppState, supervisor: string): Correction {
  const placement = app.placements.get(supervisor);
  if (placement === undefined || isGone(placement.assignment)) return STAY;
  const { assignment, good } = placement;
  const phase = office.deployments.get(assignment.deployment)?.phase;
  if (phase === undefined || isOpenPhase(phase)) return STAY;
  if (office.deployments.get(app.inPlace ?? '')?.results.length === 0) {
    return assignment.stopped ? STAY : { kind: 'rest' }; // static files alone took its place
  }
  if (phase === 'switched' && assignment.outcome !== 'failed') {
    return isLeft(office, app, supervisor, assignment.deployment) ? { kind: 'leave' } : STAY;
  }
  if (good !== null && good.deployment !== assignment.deployment) {
    return { kind: 'back', assignment: assignmentBack(app, good) };
  }
  if (good !== null) return STAY;
  return phase === 'cancelled' || isElsewhere(app, placement) ? { kind: 'leave' } : STAY;
}

/** Has the deployment in place nothing to do with this host? */
function isLeft(office: OfficeState, app: AppState, supervisor: string, deployment: string): boolean {
  if (app.inPlace === null || app.inPlace === deployment) return false;
  const inPlace = office.deployments.get(app.inPlace);
  return inPlace?.results.every((result) => result.supervisor !== supervisor) ?? false;
}

function isElsewhere(app: AppState, placement: PlacementState): boolean {
  return [...app.placements.values()].some((other) => other !== placement && other.good !== null);
}
