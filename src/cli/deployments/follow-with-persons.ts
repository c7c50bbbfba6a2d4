import type { Consent, Waiting } from '../approvals/consent.ts';
import type { NodeClient } from '../client/node-client.ts';
import type { DeploymentReply } from '../client/replies.ts';
import { followDeployment } from './follow-deployment.ts';
import type { DeploymentProgress } from './progress.ts';

/** A deployment that has ended, or that is left waiting for a person. */
export interface Followed {
  readonly deployment: DeploymentReply;
  /** Null: it has ended. */
  readonly waiting: Waiting | null;
}

/**
 * Follows a deployment, and where it waits for a person has it decided.
 *
 * @param how.connect the office's API anew: it may come back at another address
 * @throws TabbifyError as `followDeployment`, and what the consent throws
 */
export async function followWithPersons(
  id: string,
  how: {
    readonly connect: () => Promise<NodeClient>;
    readonly progress: DeploymentProgress;
    readonly signal: AbortSignal;
    readonly consent: Consent;
  },
): Promise<Followed> {
  const { progress, signal, consent } = how;
  const { show, away } = progress;
  const following = { connect: async () => (await how.connect()).deployments, show, away, signal };
  const decided = new Set<string>();
  const isHeld = ({ phase, approval }: DeploymentReply) =>
    phase === 'awaiting_approval' && typeof approval === 'string' && !decided.has(approval);
  while (true) {
    const deployment = await followDeployment(id, { ...following, isHeld });
    const { finished_at, approval } = deployment;
    if (finished_at !== null || typeof approval !== 'string') return { deployment, waiting: null };
    await progress.pause();
    const decision = await consent((await how.connect()).approvals, approval);
    if (decision.kind === 'waits') return { deployment, waiting: decision };
    decided.add(approval);
    const done = decision.kind === 'yes' ? 'Approved' : 'Not approved';
    progress.resume({ doing: done, done, until: 'approved' });
  }
}
