import { isUnplaced } from '../deployment-machine.ts';
import type { AssignmentState, PlacedState } from '../office-state.ts';
import { settleGrants, withdraw } from './approvals.ts';
import type { Changes } from './changes.ts';
import { advance } from './deployment-phase.ts';
import { sharedWith } from './shared.ts';

/** Without what was asked of the host and what it said since. */
function placedOf(assignment: AssignmentState): PlacedState {
  const { supervisor, deployment, version, generation, environment, runtime, settings, env } = assignment;
  const { artifactDigest, artifactPrefix, address } = assignment;
  return {
    ...{ supervisor, deployment, version, generation, environment, runtime, settings, env },
    ...{ artifactDigest, artifactPrefix, address },
  };
}

export const deploymentChanges: Changes<
  | 'deployment_requested'
  | 'deployment_build_started'
  | 'deployment_placed'
  | 'deployment_succeeded'
  | 'deployment_failed'
  | 'deployment_cancelled'
  | 'deployment_superseded'
  | 'app_taken_down'
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
      reached: 'requested',
      built: false,
      requestedAt: event.time,
      requestedBy: event.actor,
      finishedAt: null,
      targets: data.targets,
      leaveData: data.leave_data,
      approval: null,
      generation: 0,
      results: [],
      failure: null,
    });
  },
  deployment_build_started(state, data, event) {
    advance(state, data.deployment_id, event);
  },
  deployment_placed(state, data, event) {
    const deployment = state.deployments.get(data.deployment_id);
    if (!deployment || !isUnplaced(deployment.phase) || deployment.results.length > 0) return;
    deployment.generation = data.generation;
    deployment.results = data.targets.map(({ stands_in_for: standsInFor, ...target }) => ({
      ...{ ...target, standsInFor },
      ...{ told: false, success: null, failure: null },
    }));
    advance(state, data.deployment_id, event);
  },
  /** What it put in place is what a later one that does not get there gives way to. */
  deployment_succeeded(state, data, event) {
    const open = state.deployments.get(data.deployment_id);
    const isAlone = state.apps.get(data.app)?.versions.get(open?.version ?? 0)?.assets?.alone ?? false;
    if ((open?.phase === 'requested' || open?.phase === 'approved') && !isAlone) return; // what runs is in place where a host says so
    const deployment = advance(state, data.deployment_id, event);
    const app = state.apps.get(deployment?.app ?? '');
    if (!deployment || app === undefined) return;
    if (deployment.results.length === 0) app.inPlace = deployment.id; // nothing of it runs anywhere
    for (const placement of app.placements.values()) {
      const { assignment } = placement;
      if (assignment.deployment !== deployment.id || assignment.outcome === 'failed') continue;
      placement.good = placedOf(assignment);
      app.inPlace = deployment.id;
    }
    if (app.inPlace === deployment.id) settleGrants(app, deployment, event);
  },
  deployment_failed(state, data, event) {
    const deployment = advance(state, data.deployment_id, event);
    if (deployment === null) return;
    deployment.failure = { stage: data.stage, reason: data.reason, logTail: data.log_tail };
    withdraw(state, deployment, event);
  },
  deployment_cancelled(state, data, event) {
    const deployment = advance(state, data.deployment_id, event);
    if (deployment === null) return;
    deployment.failure = { stage: deployment.reached, reason: `called off by ${event.actor}`, logTail: [] };
    withdraw(state, deployment, event);
  },
  deployment_superseded(state, data, event) {
    const deployment = advance(state, data.deployment_id, event);
    if (deployment === null) return;
    const newer = state.deployments.get(data.by)?.version;
    const reason = `the newer deployment ${data.by}${newer === undefined ? '' : ` of version ${newer}`} takes its turn`;
    deployment.failure = { stage: deployment.reached, reason, logTail: [] };
    withdraw(state, deployment, event);
  },
  app_taken_down(state, data) {
    const app = state.apps.get(data.app);
    if (app?.inPlace === data.deployment_id) app.inPlace = null;
  },
};
