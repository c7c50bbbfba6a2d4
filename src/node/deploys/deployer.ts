import { messageOf } from '../../kit/index.ts';
import { type DeployTools, runDeployment } from './run-deployment.ts';

/** Carries out the deployments that the log asks for. */
export interface Deployer {
  /** Stops in the middle of whatever runs; the next start takes it up again. */
  close(): Promise<void>;
}

/**
 * Reacts to `deployment_requested`, one deployment at a time per app, and takes up those that the log holds without an
 * outcome.
 */
export function startDeployer(tools: DeployTools): Deployer {
  const { live, progress, logger } = tools;
  const ended = new AbortController();
  const lanes = new Map<string, Promise<void>>();

  async function run(deployment: string): Promise<void> {
    if (ended.signal.aborted) return;
    try {
      await runDeployment(tools, deployment, ended.signal);
    } catch (error) {
      if (ended.signal.aborted) return;
      logger.error({ err: error, deployment }, `deployment is left for the next start: ${messageOf(error)}`);
    }
  }

  function enqueue(app: string, deployment: string): void {
    progress.add(deployment, { phase: 'requested' });
    const lane = (lanes.get(app) ?? Promise.resolve()).then(() => run(deployment));
    lanes.set(app, lane);
    void lane.then(() => {
      if (lanes.get(app) === lane) lanes.delete(app);
    });
  }

  for (const app of live.office.apps.values()) {
    for (const deployment of app.openDeployments) enqueue(app.uuid, deployment);
  }
  const stop = live.onEvent((event) => {
    if (event.type !== 'deployment_requested') return;
    const id = String(event.data.deployment_id);
    const deployment = live.office.deployments.get(id);
    if (deployment !== undefined && deployment.finishedAt === null) enqueue(deployment.app, id);
  });

  return {
    async close() {
      stop();
      ended.abort();
      await Promise.all(lanes.values());
    },
  };
}
