import type { StoredEvent } from '../../log/index.ts';
import type { AssignmentState, OfficeState } from '../office-state.ts';
import type { Changes } from './changes.ts';
import { noTrouble } from './life-cycle.ts';
import { assignmentOn, placementFrom } from './placed.ts';
import { answered, wasTold } from './target-results.ts';

export const assignmentChanges: Changes<
  | 'app_assigned'
  | 'app_start_requested'
  | 'app_stop_requested'
  | 'assignment_applied'
  | 'assignment_failed'
  | 'deployment_target_failed'
> = {
  /** Replaces what the host had for the app; a pinned app stays pinned, a stopped one runs again (CONTRACTS §8). */
  app_assigned(state, data, event) {
    const app = state.apps.get(data.app);
    if (app === undefined) return;
    const before = app.placements.get(data.supervisor);
    if (data.generation <= (before?.assignment.generation ?? 0)) return;
    const isPinned = [...app.placements.values()].some(({ assignment }) => assignment.pinned);
    app.placements.set(data.supervisor, {
      assignment: {
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
        pinned: isPinned,
        stopped: false,
        stopPosition: before?.assignment.stopPosition ?? 0,
        restartPosition: 0,
        resetPosition: 0,
        // What was asked of this host before the deployment is still done, and first.
        purgePosition: before?.assignment.purgePosition ?? 0,
        purgeDataPosition: before?.assignment.purgeDataPosition ?? 0,
        purged: false,
        restart: noTrouble,
        outcome: null,
        failure: null,
      },
      good: before?.good ?? null,
      instance: before?.instance ?? null,
    });
    wasTold(state, data, event);
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
    const app = state.apps.get(data.app);
    if (app !== undefined && assignment.settings.data_mb !== undefined) app.dataOn = assignment.supervisor;
    answered(state, assignment, null, event);
  },
  assignment_failed(state, data, event) {
    const assignment = assignmentOf(state, data.app, data.generation, event);
    if (assignment === null) return;
    assignment.outcome = 'failed';
    assignment.failure = { stage: data.stage, reason: data.reason, logTail: data.log_tail };
    answered(state, assignment, assignment.failure, event);
  },
  /** What the host says of it later counts no more: the deployment went on without it. */
  deployment_target_failed(state, data, event) {
    const assignment = assignmentOn(state, data.app, data.supervisor);
    if (assignment?.deployment !== data.deployment_id || assignment.outcome !== null) return;
    assignment.outcome = 'failed';
    assignment.failure = { stage: data.stage, reason: data.reason, logTail: [] };
    answered(state, assignment, assignment.failure, event);
  },
};

/** What is said about an earlier generation, or by a host that does not have the app, counts for nothing. */
function assignmentOf(
  state: OfficeState,
  app: string,
  generation: number,
  event: StoredEvent,
): AssignmentState | null {
  const assignment = placementFrom(state, app, event)?.assignment ?? null;
  return assignment?.generation === generation ? assignment : null;
}
