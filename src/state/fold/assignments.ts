import type { StoredEvent } from '../../log/index.ts';
import type { AssignmentState, OfficeState } from '../office-state.ts';
import { isHostSegment } from '../segments.ts';
import type { Changes } from './changes.ts';
import { advance } from './deployment-phase.ts';
import { noTrouble } from './life-cycle.ts';
import { assignmentOn } from './placed.ts';

export const assignmentChanges: Changes<
  'app_assigned' | 'app_start_requested' | 'app_stop_requested' | 'assignment_applied' | 'assignment_failed'
> = {
  /** Replaces what any host had for the app; a pinned app stays pinned, a stopped one runs again (CONTRACTS §8). */
  app_assigned(state, data, event) {
    const app = state.apps.get(data.app);
    if (app === undefined || data.generation <= (app.assignment?.generation ?? 0)) return;
    app.assignment = {
      supervisor: data.supervisor,
      deployment: data.deployment_id,
      version: data.version,
      generation: data.generation,
      environment: data.environment,
      runtime: data.runtime,
      settings: data.settings,
      env: data.env,
      artifactDigest: data.artifact_digest,
      artifactPrefix: data.artifact_prefix,
      address: data.address,
      pinned: app.assignment?.pinned ?? false,
      stopped: false,
      stopPosition: app.assignment?.stopPosition ?? 0,
      restartPosition: 0,
      resetPosition: 0,
      // What was asked of this host before the deployment is still done, and first.
      purgePosition: sameHost(app.assignment, data.supervisor)?.purgePosition ?? 0,
      purged: false,
      restart: noTrouble,
      outcome: null,
      failure: null,
    };
    const deployment = advance(state, data.deployment_id, event);
    if (deployment === null) return;
    deployment.supervisor = data.supervisor;
    deployment.runtime = data.runtime;
  },
  app_start_requested(state, data) {
    const assignment = assignmentOn(state, data.app, data.supervisor);
    if (assignment === null || assignment.purgePosition > 0) return;
    assignment.pinned = true;
    assignment.stopped = false;
  },
  app_stop_requested(state, data, event) {
    const assignment = assignmentOn(state, data.app, data.supervisor);
    if (assignment === null) return;
    assignment.pinned = false;
    assignment.stopped = true;
    assignment.stopPosition = event.position;
  },
  assignment_applied(state, data, event) {
    const assignment = assignmentOf(state, data.app, data.generation, event);
    if (assignment === null) return;
    assignment.outcome = data.outcome;
    assignment.failure = null;
    advance(state, assignment.deployment, event);
  },
  assignment_failed(state, data, event) {
    const assignment = assignmentOf(state, data.app, data.generation, event);
    if (assignment === null) return;
    assignment.outcome = 'failed';
    assignment.failure = { stage: data.stage, reason: data.reason, logTail: data.log_tail };
  },
};

function sameHost(before: AssignmentState | null, supervisor: string): AssignmentState | null {
  return before?.supervisor === supervisor ? before : null;
}

/** What is said about an earlier generation, or by a host that does not have the app, counts for nothing. */
function assignmentOf(
  state: OfficeState,
  app: string,
  generation: number,
  event: StoredEvent,
): AssignmentState | null {
  const assignment = state.apps.get(app)?.assignment ?? null;
  if (assignment === null || assignment.generation !== generation) return null;
  return isHostSegment(event.segment, assignment.supervisor) ? assignment : null;
}
