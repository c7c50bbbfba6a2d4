import type { StoredEvent } from '../../log/index.ts';
import type { AssignmentState, OfficeState, RestartState } from '../office-state.ts';
import { isHostSegment } from '../segments.ts';
import type { Changes } from './changes.ts';
import { assignmentOn } from './placed.ts';

/** An app without failures. */
export const noTrouble: RestartState = { status: 'running', failures: 0, retryAt: null };

export const lifeCycleChanges: Changes<
  | 'app_restart_requested'
  | 'app_reset_requested'
  | 'app_purge_requested'
  | 'app_restart_changed'
  | 'app_purged'
> = {
  app_restart_requested(state, data, event) {
    const assignment = assignmentOn(state, data.app, data.supervisor);
    if (assignment === null || assignment.purgePosition > 0) return;
    assignment.stopped = false;
    assignment.restartPosition = event.position;
  },
  app_reset_requested(state, data, event) {
    const assignment = assignmentOn(state, data.app, data.supervisor);
    if (assignment !== null) assignment.resetPosition = event.position;
  },
  /** A purge stops as well; the host forgets the app when it has said `app_purged`. */
  app_purge_requested(state, data, event) {
    const assignment = assignmentOn(state, data.app, data.supervisor);
    if (assignment === null) return;
    assignment.pinned = false;
    assignment.stopped = true;
    assignment.stopPosition = event.position;
    assignment.purgePosition = event.position;
    const app = state.apps.get(data.app);
    if (app !== undefined) app.good = null; // nothing of it is there to come back to
  },
  app_restart_changed(state, data, event) {
    const assignment = assignmentFrom(state, data.app, event);
    if (assignment === null || data.generation < assignment.generation) return;
    const { status, failures, retry_at: retryAt } = data;
    assignment.restart = { status, failures, retryAt };
  },
  /** A deployment that came in between goes on; else the entry stays and is marked. */
  app_purged(state, data, event) {
    const assignment = assignmentFrom(state, data.app, event);
    if (assignment === null || assignment.purgePosition !== data.purge_position) return;
    assignment.purgePosition = 0;
    if (!assignment.stopped) return;
    assignment.purged = true;
    assignment.restart = noTrouble;
    const app = state.apps.get(data.app);
    if (app !== undefined) app.instance = null;
  },
};

/** A host speaks only of the apps it was given. */
function assignmentFrom(state: OfficeState, app: string, event: StoredEvent): AssignmentState | null {
  const assignment = state.apps.get(app)?.assignment ?? null;
  return assignment !== null && isHostSegment(event.segment, assignment.supervisor) ? assignment : null;
}
