import type { NodeClient } from '../client/node-client.ts';
import type { DeploymentStep } from '../client/replies.ts';
import { cliError } from '../errors.ts';

const WORDS: Readonly<Record<DeploymentStep['phase'], string>> = {
  requested: 'Deployment requested',
  building: 'Building',
  placing: 'Choosing a host',
  starting: 'Starting',
  succeeded: 'Deployed',
  failed: 'Deployment failed',
};

/** Times a broken stream is opened again; the node replays what happened, so nothing is missed. */
const RECONNECTS = 5;

/**
 * Follows a deployment to its end.
 *
 * @param say what is happening now, in words
 * @throws TabbifyError `deployment_failed` with the reason and the app's last log lines
 */
export async function followDeployment(
  client: NodeClient,
  deploymentId: string,
  say: (text: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  for (let attempt = 0; attempt <= RECONNECTS; attempt++) {
    for await (const step of client.deployment(deploymentId, signal)) {
      if (step.phase === 'succeeded') return;
      if (step.phase === 'failed') throw failed(deploymentId, step);
      say(step.detail ? `${WORDS[step.phase]}: ${step.detail}` : WORDS[step.phase]);
    }
  }
  throw cliError('deployment_failed', {
    what: 'The deployment cannot be followed',
    why: 'the office ended the stream before the deployment had ended',
    hint: 'See how it went with `tabbify apps`.',
  });
}

function failed(deploymentId: string, step: DeploymentStep) {
  const tail = step.log_tail ?? [];
  const why = [step.reason ?? step.detail ?? 'the office gave no reason', ...tail.slice(-20)].join('\n');
  return cliError('deployment_failed', {
    what: 'The version was published, but its deployment failed',
    why,
    hint: `Mend the cause and push again; an earlier version, if there is one, goes on running. What happened: \`tabbify events --limit 20\` (deployment ${deploymentId}).`,
  });
}
