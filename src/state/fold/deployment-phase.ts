import type { StoredEvent } from '../../log/index.ts';
import { isOpenPhase, phaseAfter } from '../deployment-machine.ts';
import type { DomainEventType } from '../events.ts';
import type { DeploymentState, OfficeState } from '../office-state.ts';

/**
 * Takes a deployment to the phase that this event leads to.
 *
 * @returns null when the event leads nowhere from where it is; a deployment that has ended stays as it is
 */
export function advance(state: OfficeState, id: string, event: StoredEvent): DeploymentState | null {
  const deployment = state.deployments.get(id);
  const next = deployment && phaseAfter(deployment.phase, event.type as DomainEventType);
  if (!deployment || !next) return null;
  deployment.phase = next;
  if (isOpenPhase(next)) {
    deployment.reached = next;
    if (next === 'building') deployment.built = true;
    return deployment;
  }
  deployment.finishedAt = event.time;
  state.apps.get(deployment.app)?.openDeployments.delete(id);
  return deployment;
}
