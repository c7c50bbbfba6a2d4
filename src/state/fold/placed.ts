import type { StoredEvent } from '../../log/index.ts';
import type { AssignmentState, OfficeState, PlacementState } from '../office-state.ts';
import { isHostSegment } from '../segments.ts';

/** The app on the host that a request is about. What was asked of a host that never had it, or purged it, is over. */
export function placementOn(state: OfficeState, app: string, supervisor: string): PlacementState | null {
  const placement = state.apps.get(app)?.placements.get(supervisor);
  return placement === undefined || placement.assignment.purged ? null : placement;
}

/** As `placementOn`; what the host is to do. */
export function assignmentOn(state: OfficeState, app: string, supervisor: string): AssignmentState | null {
  return placementOn(state, app, supervisor)?.assignment ?? null;
}

/** The app on the host that speaks: a host speaks only of the apps it was given. */
export function placementFrom(state: OfficeState, app: string, event: StoredEvent): PlacementState | null {
  for (const [supervisor, placement] of state.apps.get(app)?.placements ?? []) {
    if (isHostSegment(event.segment, supervisor)) return placement;
  }
  return null;
}
