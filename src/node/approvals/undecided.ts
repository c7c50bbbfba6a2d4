import type { AppState, DeploymentState, VersionState } from '../../state/index.ts';
import type { Placement } from '../deploys/placement.ts';

/** A deployment that no host has heard of, and what is known of it. */
export interface Undecided {
  readonly app: AppState;
  readonly version: VersionState;
  readonly deployment: DeploymentState;
  /** Where it goes, or would go now; null: nowhere, so that nothing is known of the walls there. */
  readonly placements: readonly Placement[] | null;
  /** Name of the office's own supervisor; null: it is not known yet. */
  readonly own: string | null;
}
