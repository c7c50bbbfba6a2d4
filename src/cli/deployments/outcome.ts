import type { DeploymentReply } from '../client/replies.ts';
import { cliError } from '../errors.ts';
import { shellWord } from '../terminal/prose.ts';

/** The app as a person may name it in a command, and what they would do to try again. */
export interface Attempt {
  readonly name: string;
  /** `push again` */
  readonly again: string;
}

/** Last lines of the app's log that an error shows. */
const TAIL_LINES = 20;

/** @throws TabbifyError `deployment_failed` with reason and last log lines, when the version is in place on no host */
export function requireInPlace(deployment: DeploymentReply, { name, again }: Attempt): void {
  const { id, version, phase, stage } = deployment;
  if (phase === 'switched') return;
  if (phase !== 'failed') {
    const how = phase === 'cancelled' ? 'the deployment was called off' : 'a newer deployment took its turn';
    throw cliError('deployment_failed', {
      what: `Version ${version} of ${name} was not put in place: ${how}`,
      why: deployment.reason ?? 'the office gave no reason',
      hint: `What was in place before stays. See \`tabbify deployments ${shellWord(name)}\`.`,
    });
  }
  if (stage === 'approval') {
    throw cliError('deployment_failed', {
      what: `Version ${version} of ${name} was not put in place: it was not approved`,
      why: deployment.reason ?? 'the office gave no reason',
      hint: `What was in place before stays. To have it decided anew, ${again}.`,
    });
  }
  const hosts = deployment.results.filter(({ success }) => success === false);
  const tail = deployment.log_tail.slice(-TAIL_LINES);
  const why =
    hosts.length > 1 ? hosts.map(hostReason) : [deployment.reason ?? 'the office gave no reason', ...tail];
  throw cliError('deployment_failed', {
    what: `Version ${version} of ${name} was not put in place: it failed while ${STAGE_WORDS[stage ?? ''] ?? 'it was deployed'}`,
    why: why.join('\n'),
    hint: `Mend the cause, then ${again}. What was in place before stays.\nMore: \`tabbify deployments show ${id}\` and \`tabbify logs ${shellWord(name)}\`.`,
  });
}

const STAGE_WORDS: Readonly<Record<string, string>> = {
  building: 'it was built',
  placing: 'a host was chosen',
  starting: 'it was started',
};

/** @throws TabbifyError `deployment_failed` naming the hosts that did not take the version up while others did */
export function requireEverywhere(
  deployment: Pick<DeploymentReply, 'id' | 'version' | 'results'>,
  { name, again }: Attempt,
): void {
  const failed = deployment.results.filter(({ success }) => success === false);
  if (failed.length === 0) return;
  const there = deployment.results.filter(({ success }) => success === true);
  const names = (results: typeof failed) => results.map(({ supervisor }) => supervisor).join(', ');
  throw cliError('deployment_failed', {
    what: `Version ${deployment.version} of ${name} is in place on ${names(there)}, but not on ${names(failed)}`,
    why: failed.map(hostReason).join('\n'),
    hint: `Visitors are sent to ${names(there)} alone. Mend the cause, then ${again}.\nMore: \`tabbify deployments show ${deployment.id}\`.`,
  });
}

function hostReason({ supervisor, error, log_tail = [] }: DeploymentReply['results'][number]): string {
  return [`${supervisor}: ${error ?? 'no reason was given'}`, ...log_tail.slice(-TAIL_LINES)].join('\n');
}
