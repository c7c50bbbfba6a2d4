import type { DeploymentState, Failure, OfficeState } from '../office-state.ts';
import type { Changes } from './changes.ts';
import { sharedWith } from './shared.ts';

export const deploymentChanges: Changes<
  'deployment_requested' | 'deployment_succeeded' | 'deployment_failed'
> = {
  deployment_requested(state, data, event) {
    const app = state.apps.get(data.app);
    if (app === undefined || state.deployments.has(data.deployment_id)) return;
    app.deployments.push(data.deployment_id);
    app.openDeployments.add(data.deployment_id);
    state.deployments.set(data.deployment_id, {
      id: data.deployment_id,
      app: app.uuid,
      version: data.version,
      digest: sharedWith(app.versions.get(data.version)?.digest, data.digest),
      phase: 'requested',
      requestedAt: event.time,
      requestedBy: event.actor,
      finishedAt: null,
      supervisor: null,
      runtime: null,
      failure: null,
    });
  },
  deployment_succeeded(state, data, event) {
    finish(state, data.deployment_id, 'succeeded', event.time, null);
  },
  deployment_failed(state, data, event) {
    const failure = { stage: data.stage, reason: data.reason, logTail: data.log_tail };
    finish(state, data.deployment_id, 'failed', event.time, failure);
  },
};

/** The first outcome stands. */
function finish(
  state: OfficeState,
  id: string,
  phase: DeploymentState['phase'],
  at: string,
  failure: Failure | null,
): void {
  const deployment = state.deployments.get(id);
  if (deployment === undefined || deployment.finishedAt !== null) return;
  deployment.phase = phase;
  deployment.finishedAt = at;
  deployment.failure = failure;
  state.apps.get(deployment.app)?.openDeployments.delete(id);
}
