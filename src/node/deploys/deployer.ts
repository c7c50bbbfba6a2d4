import { messageOf } from '../../kit/index.ts';
import { type DeployTools, runDeployment } from './run-deployment.ts';
import { isSettled, settleApp } from './settle-app.ts';

/** Carries out the deployments that the log asks for. */
export interface Deployer {
  /** Stops in the middle of whatever runs; the next start takes it up again. */
  close(): Promise<void>;
}

/** Events that end a deployment from outside its run: a build under way is given up. */
const ENDINGS = new Set(['deployment_cancelled', 'deployment_superseded']);
/** Events after which a deployment that waited for a person goes on, or ends. */
const DECISIONS = new Set(['approval_granted', 'approval_denied', 'approval_expired']);

/**
 * Reacts to `deployment_requested` and to decisions of persons, one deployment at a time per app, and takes up what the log holds unfinished:
 * deployments without an outcome, and apps whose last deployment did not get in place.
 */
export function startDeployer(tools: DeployTools): Deployer {
  const { live, commands, logger } = tools;
  const ended = new AbortController();
  const lanes = new Map<string, Promise<void>>();
  const running = new Map<string, AbortController>();

  async function run(deployment: string): Promise<void> {
    const over = new AbortController();
    running.set(deployment, over);
    try {
      await runDeployment(tools, deployment, { ended: ended.signal, over: over.signal });
    } finally {
      running.delete(deployment);
    }
  }

  function enqueue(app: string, about: object, work: () => Promise<void>): void {
    const lane = (lanes.get(app) ?? Promise.resolve()).then(async () => {
      if (ended.signal.aborted) return;
      try {
        await work();
      } catch (error) {
        if (ended.signal.aborted) return;
        logger.error({ err: error, ...about }, `deployment is left for the next start: ${messageOf(error)}`);
      }
    });
    lanes.set(app, lane);
    void lane.then(() => {
      if (lanes.get(app) === lane) lanes.delete(app);
    });
  }

  for (const app of live.office.apps.values()) {
    const { uuid } = app;
    if (!isSettled(live.office, app)) {
      enqueue(uuid, { app: uuid }, () => commands.run(() => settleApp(tools, uuid)));
    }
    for (const id of app.openDeployments) enqueue(uuid, { deployment: id }, () => run(id));
  }
  const stop = live.onEvent(({ type, data }) => {
    const id = String(data.deployment_id);
    if (ENDINGS.has(type)) running.get(id)?.abort();
    if (type !== 'deployment_requested' && !DECISIONS.has(type)) return;
    const approval = live.office.approvals.get(String(data.approval_id));
    if (approval?.status === 'open') return; // another person has to say yes as well
    const asked = approval === undefined ? id : approval.deployment;
    const deployment = live.office.deployments.get(asked ?? '');
    if (deployment === undefined || deployment.finishedAt !== null) return;
    enqueue(deployment.app, { deployment: deployment.id }, () => run(deployment.id));
  });

  return {
    async close() {
      stop();
      ended.abort();
      await Promise.all(lanes.values());
    },
  };
}
