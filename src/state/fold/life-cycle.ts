import type { RestartState } from '../office-state.ts';
import type { Changes } from './changes.ts';
import { assignmentOn, placementFrom, placementOn } from './placed.ts';

/** An app that invents hosts is not to fill the office. */
const MAX_DENIED_HOSTS = 50;

/** An app without failures. */
export const noTrouble: RestartState = { status: 'running', failures: 0, retryAt: null };

export const lifeCycleChanges: Changes<
  | 'app_restart_requested'
  | 'app_reset_requested'
  | 'app_purge_requested'
  | 'app_restart_changed'
  | 'app_purged'
  | 'egress_denied'
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
  /**
   * A purge stops as well; the host forgets the app when it has said `app_purged`. One that keeps nothing but data any more is asked
   * once again when that is to go.
   */
  app_purge_requested(state, data, event) {
    const app = state.apps.get(data.app);
    const placement = data.data
      ? app?.placements.get(data.supervisor)
      : placementOn(state, data.app, data.supervisor);
    if (app === undefined || !placement) return;
    const { assignment } = placement;
    assignment.purged = false;
    if (data.data) {
      assignment.purgeDataPosition = event.position;
      if (app.dataOn === data.supervisor) app.dataOn = null;
    }
    assignment.pinned = false;
    assignment.stopped = true;
    assignment.stopPosition = event.position;
    assignment.purgePosition = event.position;
    placement.good = null; // nothing of it is there to come back to
    if ([...app.placements.values()].some(({ good }) => good !== null)) return;
    // static files alone are on no host: they go on
    if (state.deployments.get(app.inPlace ?? '')?.results.length !== 0) app.inPlace = null;
  },
  app_restart_changed(state, data, event) {
    const assignment = placementFrom(state, data.app, event)?.assignment;
    if (assignment === undefined || data.generation < assignment.generation) return;
    const { status, failures, retry_at: retryAt } = data;
    assignment.restart = { status, failures, retryAt };
  },
  /** A deployment that came in between goes on; else the entry stays and is marked. */
  app_purged(state, data, event) {
    const placement = placementFrom(state, data.app, event);
    if (placement === null || placement.assignment.purgePosition !== data.purge_position) return;
    const { assignment } = placement;
    assignment.purgePosition = 0;
    assignment.purgeDataPosition = 0;
    if (!assignment.stopped) return;
    assignment.purged = true;
    assignment.restart = noTrouble;
    placement.instance = null;
  },
  /** For whoever decides what it is granted: nothing follows from it by itself. */
  egress_denied(state, data, event) {
    const app = state.apps.get(data.app);
    if (app === undefined || placementFrom(state, data.app, event) === null) return;
    const { deniedHosts } = app;
    const before = deniedHosts.get(data.entry);
    deniedHosts.delete(data.entry); // the map has them in the order in which they were told of last
    const [oldest] = deniedHosts.keys();
    if (oldest !== undefined && deniedHosts.size >= MAX_DENIED_HOSTS) deniedHosts.delete(oldest);
    deniedHosts.set(data.entry, {
      first: before?.first ?? event.time,
      last: event.time,
      times: (before?.times ?? 0) + data.times,
    });
  },
};
