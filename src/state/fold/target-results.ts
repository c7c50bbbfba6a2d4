import type { StoredEvent } from '../../log/index.ts';
import { isOpenPhase } from '../deployment-machine.ts';
import type { DomainEvents } from '../events.ts';
import type {
  AssignmentState,
  DeploymentState,
  Failure,
  OfficeState,
  TargetResult,
} from '../office-state.ts';
import { advance } from './deployment-phase.ts';

/** The host of one of its targets was told. A deployment from before `deployment_placed` had one target: this one. */
export function wasTold(state: OfficeState, data: DomainEvents['app_assigned'], event: StoredEvent): void {
  const deployment = openDeployment(state, data.deployment_id);
  if (deployment === null) return;
  const { supervisor, runtime, address, generation } = data;
  const result = resultOn(deployment, supervisor);
  if (result !== undefined) result.told = true;
  else {
    deployment.generation = generation;
    const unknown = { env: {}, wall: null, standsInFor: null };
    deployment.results.push({
      ...{ supervisor, runtime, address, ...unknown },
      ...{ told: true, success: null, failure: null },
    });
  }
  advance(state, deployment.id, event);
}

/** A host took its assignment up, or (`failure`) did not. The deployment goes on once each has answered, if one did. */
export function answered(
  state: OfficeState,
  { deployment: id, supervisor, generation }: AssignmentState,
  failure: Failure | null,
  event: StoredEvent,
): void {
  const deployment = openDeployment(state, id);
  if (deployment === null || deployment.generation !== generation) return;
  const result = resultOn(deployment, supervisor);
  if (result === undefined) return;
  result.success = failure === null;
  result.failure = failure;
  const { results } = deployment;
  if (results.every(({ success }) => success !== null) && results.some(({ success }) => success)) {
    advance(state, id, event);
  }
}

function openDeployment(state: OfficeState, id: string): DeploymentState | null {
  const deployment = state.deployments.get(id);
  return deployment !== undefined && isOpenPhase(deployment.phase) ? deployment : null;
}

function resultOn(deployment: DeploymentState, supervisor: string): TargetResult | undefined {
  return deployment.results.find((result) => result.supervisor === supervisor);
}
