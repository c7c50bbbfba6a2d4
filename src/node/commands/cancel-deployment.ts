import type { LogStore } from '../../log/index.ts';
import { type DeploymentState, domainEvent, isOpenPhase, type OfficeState } from '../../state/index.ts';
import { byAgent } from '../approvals/by-agent.ts';
import { requireInForce } from '../credentials/principal.ts';
import { settleApp } from '../deploys/settle-app.ts';
import { nodeError } from '../errors.ts';
import { appendedBefore } from './appended-before.ts';
import { type Asker, idFor } from './idempotency.ts';
import type { DeployCommandTools } from './request-deployment.ts';

/**
 * Calls a deployment off. Before a host was told of it nothing changes for the app; afterwards the app goes back to the
 * version before.
 *
 * @returns the deployment as it ended
 * @throws deployment_unknown; deployment_ended
 */
export function cancelDeployment(
  tools: DeployCommandTools & { readonly log: Pick<LogStore, 'read'> },
  asker: Asker,
  deployment: string,
): Promise<DeploymentState> {
  const { live, commands, clock, log } = tools;
  return commands.run(async () => {
    requireInForce(asker.principal);
    const found = deploymentOfOffice(live.office, asker, deployment);
    const { actor, office } = asker.principal;
    if (byAgent(actor) && found.requestedBy !== actor) throw notTheirs(found, actor);
    const id = idFor(asker, `cancel ${deployment}`);
    const data = { app: found.app, deployment_id: deployment, version: found.version };
    const draft = domainEvent('deployment_cancelled', data, { actor, source: '/node', office, id, clock });
    if (!isOpenPhase(found.phase)) {
      if (asker.idempotencyKey !== null && (await appendedBefore(log, draft.segment, draft.subject, id)))
        return found;
      throw hasEnded(found);
    }
    await commands.append(draft);
    await settleApp(tools, found.app);
    return found;
  });
}

/** The asker's deployment. @throws deployment_unknown, for another office's too */
export function deploymentOfOffice(
  office: OfficeState,
  asker: Pick<Asker, 'principal'>,
  id: string,
): DeploymentState {
  const deployment = office.deployments.get(id);
  const app = office.apps.get(deployment?.app ?? '');
  if (deployment !== undefined && app?.office === asker.principal.office) return deployment;
  throw nodeError('deployment_unknown', {
    what: `No deployment ${id} in this office`,
    hint: 'See `tabbify deployments <app>`',
  });
}

function notTheirs({ id, requestedBy }: DeploymentState, actor: string) {
  return nodeError('person_needed', {
    what: `The deployment ${id} was not called off`,
    why: `${requestedBy} asked for it, and ${actor} calls off only what it asked for itself`,
    hint: 'A person can: `tabbify deployments cancel <id>`',
  });
}

function hasEnded({ id, phase, version, failure }: DeploymentState) {
  const inPlace = phase === 'switched';
  return nodeError('deployment_ended', {
    what: `The deployment ${id} cannot be called off any more`,
    why: inPlace ? `version ${version} is in place` : `it has ended as ${phase}: ${failure?.reason}`,
    hint: inPlace ? 'Go back with `tabbify rollback <app>`' : 'See `tabbify deployments <app>`',
  });
}
