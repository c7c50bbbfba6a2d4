import { hasEnded } from '../client/deployments.ts';
import type { NodeClient } from '../client/node-client.ts';
import type { DeploymentStep } from '../client/replies.ts';
import { cliError } from '../errors.ts';

const WORDS: Readonly<Record<DeploymentStep['phase'], string>> = {
  requested: 'Deployment requested',
  building: 'Building',
  placing: 'Choosing a host',
  starting: 'Starting',
  healthy: 'It answers',
  switched: 'Deployed',
  failed: 'Deployment failed',
  cancelled: 'Called off',
  superseded: 'Gave way to a newer deployment',
};

/** Times a broken stream is opened again; the node replays what happened, so nothing is missed. */
const RECONNECTS = 5;

/**
 * Follows a deployment to its end.
 *
 * @param say what is happening now, in words
 * @throws TabbifyError `deployment_failed` with the reason, of a failed one with the app's last log lines
 */
export async function followDeployment(
  client: NodeClient,
  deploymentId: string,
  say: (text: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  for (let attempt = 0; attempt <= RECONNECTS; attempt++) {
    for await (const step of client.deployments.follow(deploymentId, signal)) {
      if (step.phase === 'switched') return;
      if (hasEnded(step)) throw notInPlace(deploymentId, step);
      say(step.detail ? `${WORDS[step.phase]}: ${step.detail}` : WORDS[step.phase]);
    }
  }
  throw cliError('deployment_failed', {
    what: 'The deployment cannot be followed',
    why: 'the office ended the stream before the deployment had ended',
    hint: 'See how it went with `tabbify apps`.',
  });
}

function notInPlace(deploymentId: string, step: DeploymentStep) {
  if (step.phase !== 'failed') {
    return cliError('deployment_failed', {
      what: `The version was not put in place: ${step.phase === 'cancelled' ? 'the deployment was called off' : 'a newer deployment took its turn'}`,
      why: step.reason ?? 'the office gave no reason',
      hint: 'What was in place before stays. See `tabbify deployments <app>`.',
    });
  }
  const tail = step.log_tail ?? [];
  const why = [step.reason ?? step.detail ?? 'the office gave no reason', ...tail.slice(-20)].join('\n');
  return cliError('deployment_failed', {
    what: 'The version is published, but its deployment failed',
    why,
    hint: `Mend the cause and push again; an earlier version, if there is one, goes on running. What happened: \`tabbify events --limit 20\` (deployment ${deploymentId}).`,
  });
}
