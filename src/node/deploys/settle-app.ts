import { type AppState, type DomainEvents, isUnplaced, type OfficeState } from '../../state/index.ts';
import { newerThan } from './next-step.ts';
import { type RecordTools, recordStep } from './record.ts';

/**
 * Brings an app to where its newest deployment wants it: older ones that no host has heard of give way, and what was
 * placed and then failed or was called off makes room for what served before. Inside the command queue.
 *
 * Both follow from the state, so that what a crash left undone is done by the next node.
 */
export async function settleApp(tools: RecordTools, uuid: string): Promise<void> {
  const { office } = tools.live;
  const app = office.apps.get(uuid);
  if (app === undefined) return;
  for (const id of [...app.openDeployments]) {
    const deployment = office.deployments.get(id);
    const by = newerThan(office, app, id);
    if (deployment === undefined || by === null || !isUnplaced(deployment.phase)) continue;
    const data = { app: uuid, deployment_id: id, version: deployment.version, by: by.id };
    await recordStep(tools, id, 'deployment_superseded', data);
  }
  const back = wayBack(office, app);
  if (back === null) return;
  const { instead, assignment } = back;
  if (assignment !== null) await recordStep(tools, instead, 'app_assigned', assignment, 'app_returned');
  else {
    const { supervisor } = back;
    await recordStep(tools, instead, 'app_purge_requested', { app: uuid, supervisor }, 'app_withdrawn');
  }
}

/** Is there anything for `settleApp` to do? */
export function isSettled(office: OfficeState, app: AppState): boolean {
  return app.openDeployments.size < 2 && wayBack(office, app) === null;
}

/** What is to stand on the host instead of what a deployment placed. */
interface WayBack {
  readonly instead: string;
  readonly supervisor: string;
  /** Null: nothing. */
  readonly assignment: DomainEvents['app_assigned'] | null;
}

/**
 * The way back to what the last good deployment placed; a new generation, as a host follows no lower one. Where nothing
 * was good before, one that was called off is taken off its host, and one that failed stays for its next request.
 *
 * @returns null when what is placed may stay
 */
function wayBack(office: OfficeState, { uuid, assignment, good }: AppState): WayBack | null {
  if (assignment === null || good?.deployment === assignment.deployment) return null;
  const phase = office.deployments.get(assignment.deployment)?.phase;
  if (phase !== 'failed' && phase !== 'cancelled') return null;
  const { deployment: instead, supervisor } = assignment;
  if (good === null) {
    const isTaken = assignment.purgePosition > 0 || assignment.purged;
    return phase === 'failed' || isTaken ? null : { instead, supervisor, assignment: null };
  }
  return {
    instead,
    supervisor,
    assignment: {
      supervisor: good.supervisor,
      app: uuid,
      deployment_id: good.deployment,
      version: good.version,
      generation: assignment.generation + 1,
      environment: good.environment,
      runtime: good.runtime,
      settings: good.settings,
      env: good.env,
      artifact_digest: good.artifactDigest,
      artifact_prefix: good.artifactPrefix,
      address: good.address,
    },
  };
}
