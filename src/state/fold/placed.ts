import type { AssignmentState, OfficeState } from '../office-state.ts';

/** The assignment that a request is about. What was asked of a host that no longer has the app is over, and so is what was purged. */
export function assignmentOn(state: OfficeState, app: string, supervisor: string): AssignmentState | null {
  const assignment = state.apps.get(app)?.assignment ?? null;
  return assignment?.supervisor === supervisor && !assignment.purged ? assignment : null;
}
