import {
  type AppState,
  type ArtifactState,
  artifactKey,
  type DeploymentState,
  type Failure,
  isOpenPhase,
  isUnplaced,
  type OfficeState,
} from '../../state/index.ts';

/** The next single step of a deployment. */
export type NextStep =
  /** It has ended. */
  | { readonly kind: 'none' }
  /** A newer deployment of the app waits, and no host has heard of this one. */
  | { readonly kind: 'supersede'; readonly by: DeploymentState }
  /** Its artifact is missing. */
  | { readonly kind: 'build' }
  | { readonly kind: 'place'; readonly artifact: ArtifactState }
  /** The host was told, and has said nothing yet. */
  | { readonly kind: 'wait'; readonly supervisor: string }
  | { readonly kind: 'succeed' }
  | { readonly kind: 'fail'; readonly failure: Failure };

/** The only kind that is built so far; placement has seen to it that a supervisor runs it. */
export const ARTIFACT_KIND = 'wasm-http';

/**
 * Decides from the state alone what a deployment needs next, so that whoever takes it up after a crash goes on where it
 * was left.
 *
 * @param builder digest of the builder whose artifact is to run
 */
export function nextStep(office: OfficeState, id: string, builder: string): NextStep {
  const deployment = office.deployments.get(id);
  const app = office.apps.get(deployment?.app ?? '');
  if (deployment === undefined || app === undefined || !isOpenPhase(deployment.phase))
    return { kind: 'none' };
  if (app.assignment?.deployment === id) return afterHost(app.assignment);
  if (!isUnplaced(deployment.phase)) {
    const reason = 'the app was given to a host anew before this one had answered';
    return { kind: 'fail', failure: { stage: 'starting', reason, logTail: [] } };
  }
  const by = newerThan(office, app, id);
  if (by !== null) return { kind: 'supersede', by };
  const artifact = app.artifacts.get(artifactKey(deployment.digest, ARTIFACT_KIND, builder));
  return artifact === undefined ? { kind: 'build' } : { kind: 'place', artifact };
}

function afterHost({ outcome, failure, supervisor }: NonNullable<AppState['assignment']>): NextStep {
  if (outcome === null) return { kind: 'wait', supervisor };
  if (outcome !== 'failed') return { kind: 'succeed' };
  return {
    kind: 'fail',
    failure: failure ?? { stage: 'starting', reason: 'it did not start', logTail: [] },
  };
}

/** The newest open deployment of the app, if it was asked for after this one. */
export function newerThan(office: OfficeState, app: AppState, id: string): DeploymentState | null {
  const newest = app.deployments.findLast((each) => app.openDeployments.has(each));
  if (newest === undefined || newest === id) return null;
  return office.deployments.get(newest) ?? null;
}
