import { derivedId } from '../../kit/index.ts';
import type { DeploymentState, VersionState } from '../../state/index.ts';
import { type RecordTools, recordStep } from '../deploys/record.ts';
import type { Outstanding } from './outstanding.ts';
import { ruleWords } from './rule-words.ts';

/** Says in the log that a deployment waits for a person. Inside the command queue. */
export async function askApproval(
  tools: RecordTools,
  deployment: DeploymentState,
  version: VersionState,
  { difference, verdict, reasons, hash }: Outstanding,
): Promise<void> {
  const { added, widened, removed } = difference;
  // asked for again, after what was granted was revoked, it is another approval
  const id = derivedId(deployment.id, `approval ${hash} after ${deployment.approval ?? 'none'}`);
  await recordStep(
    tools,
    deployment.id,
    'approval_requested',
    {
      approval_id: id,
      kind: 'deployment',
      app: deployment.app,
      deployment_id: deployment.id,
      version: version.version,
      digest: version.digest,
      command: null,
      added: [...added],
      widened: widened.map(({ from, to }) => ({ from: [...from], to })),
      removed: [...removed],
      difference: hash,
      reasons: [...reasons, ...ruleWords(verdict)],
      doubts: [...version.doubts],
      persons: verdict.persons,
      requested_by: deployment.requestedBy,
      expires_at: new Date(tools.clock.now() + verdict.expiresMs).toISOString(),
      policy: null,
    },
    `approval_requested ${id}`,
  );
}
