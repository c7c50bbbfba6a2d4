import { type ArtifactKind, artifactKindOf } from '../../builder/index.ts';
import {
  type ApprovalState,
  type AppState,
  type ArtifactState,
  artifactKey,
  type DeploymentState,
  type Failure,
  isOpenPhase,
  isUnplaced,
  type OfficeState,
  type TargetResult,
} from '../../state/index.ts';
import type { Outstanding } from '../approvals/outstanding.ts';
import { ruleWords } from '../approvals/rule-words.ts';
import type { Builders } from './artifact-kinds.ts';
import type { Placement } from './placement.ts';

/** The next single step of a deployment. */
export type NextStep =
  /** It has ended. */
  | { readonly kind: 'none' }
  /** A person has to say yes to what it asks for. */
  | { readonly kind: 'ask'; readonly outstanding: Outstanding }
  /** Nobody has decided yet. */
  | { readonly kind: 'await' }
  /** A newer deployment of the app waits, and no host has heard of this one. */
  | { readonly kind: 'supersede'; readonly by: DeploymentState }
  /** Artifacts that its hosts need are missing: these kinds. */
  | { readonly kind: 'build'; readonly missing: readonly ArtifactKind[] }
  /** It is open where it goes. */
  | { readonly kind: 'decide' }
  /** A host has not been told yet. */
  | { readonly kind: 'tell'; readonly target: TargetResult; readonly artifact: ArtifactState }
  /** These hosts were told, and have said nothing yet. */
  | { readonly kind: 'wait'; readonly supervisors: readonly string[] }
  | { readonly kind: 'succeed' }
  | { readonly kind: 'fail'; readonly failure: Failure };

/**
 * Decides from the state alone what a deployment needs next, so that whoever takes it up after a crash goes on where it
 * was left.
 *
 * @param builders whose artifacts are to run
 * @param outstanding what keeps it from going on, which matters until a host was told; null: nothing
 * @param placements where it goes, or would go if that was decided now; null: it could go nowhere
 */
export function nextStep(
  office: OfficeState,
  id: string,
  builders: Builders,
  placements: readonly Placement[] | null,
  outstanding: Outstanding | null,
): NextStep {
  const deployment = office.deployments.get(id);
  const app = office.apps.get(deployment?.app ?? '');
  if (deployment === undefined || app === undefined || !isOpenPhase(deployment.phase)) {
    return { kind: 'none' };
  }
  const by = isUnplaced(deployment.phase) ? newerThan(office, app, id) : null;
  if (by !== null) return { kind: 'supersede', by };
  const { results, digest } = deployment;
  const isTold = results.some(({ told }) => told);
  const held = isTold ? null : approvalStep(office, deployment, outstanding);
  if (held !== null) return held;
  if (app.versions.get(deployment.version)?.assets?.alone) return { kind: 'succeed' };
  const untold = results.find(({ told }) => !told);
  if (results.length > 0 && untold === undefined) return afterHosts(app, deployment);
  const artifactOf = (kind: ArtifactKind) => app.artifacts.get(artifactKey(digest, kind, builders[kind]));
  const open = untold === undefined ? (placements ?? []) : results.filter(({ told }) => !told);
  const missing = kindsFor(open).filter((kind) => artifactOf(kind) === undefined);
  if (missing.length > 0) return { kind: 'build', missing };
  if (untold === undefined) return { kind: 'decide' };
  const kind = artifactKindOf(untold.runtime);
  const artifact = kind === null ? undefined : artifactOf(kind);
  if (artifact !== undefined) return { kind: 'tell', target: untold, artifact };
  // decided by another version of the platform: this one does not place what it cannot build
  const reason = `nothing is built for '${untold.runtime}' in this version`;
  return { kind: 'fail', failure: { stage: 'placing', reason, logTail: [] } };
}

/** What has to be decided before anything is done. @returns null: nothing */
function approvalStep(
  office: OfficeState,
  { phase, approval: id }: DeploymentState,
  outstanding: Outstanding | null,
): NextStep | null {
  const approval = office.approvals.get(id ?? '');
  if (phase === 'awaiting_approval') {
    if (approval?.status === 'open') return { kind: 'await' };
    return notApproved(whyNot(approval));
  }
  if (outstanding === null) return null;
  if (outstanding.verdict.verdict === 'refused') {
    return notApproved(`the office’s policy does not allow it: ${ruleWords(outstanding.verdict).join('')}`);
  }
  if (phase === 'requested') return { kind: 'ask', outstanding };
  const now = [...outstanding.difference.added, ...outstanding.difference.widened.map(({ to }) => to)];
  return notApproved(
    `what it may do has changed meanwhile: ${now.join(', ')} is not granted. Deploy it again`,
  );
}

function notApproved(reason: string): NextStep {
  return { kind: 'fail', failure: { stage: 'approval', reason, logTail: [] } };
}

function whyNot(approval: ApprovalState | undefined): string {
  if (approval?.status === 'denied') {
    return `${approval.deniedBy} said no${approval.reason === '' ? '' : `: ${approval.reason}`}`;
  }
  return 'nobody decided in time, which means no. To ask again, deploy again';
}

/** What hosts need, each kind once. */
function kindsFor(hosts: readonly Pick<Placement, 'runtime'>[]): ArtifactKind[] {
  return [...new Set(hosts.flatMap(({ runtime }) => artifactKindOf(runtime) ?? []))];
}

function afterHosts(app: AppState, { id, results }: DeploymentState): NextStep {
  const open = results.filter(({ success }) => success === null).map(({ supervisor }) => supervisor);
  if (open.some((supervisor) => app.placements.get(supervisor)?.assignment.deployment !== id)) {
    const reason = 'the app was given to a host anew before this one had answered';
    return { kind: 'fail', failure: { stage: 'starting', reason, logTail: [] } };
  }
  if (open.length > 0) return { kind: 'wait', supervisors: open };
  if (results.some(({ success }) => success)) return { kind: 'succeed' };
  return { kind: 'fail', failure: failureOf(results) };
}

/** Why no host took it up; with several hosts, what each of them said. */
function failureOf(results: readonly TargetResult[]): Failure {
  const failures = results.map(({ supervisor, failure }) => ({
    supervisor,
    ...(failure ?? { stage: 'starting', reason: 'it did not start', logTail: [] }),
  }));
  const [first] = failures;
  const reasons = failures.map(({ supervisor, reason }) => `on '${supervisor}': ${reason}`);
  return {
    stage: first?.stage ?? 'starting',
    reason: failures.length === 1 ? (first?.reason ?? '') : reasons.join('; '),
    logTail: failures.find(({ logTail }) => logTail.length > 0)?.logTail ?? [],
  };
}

/** The newest open deployment of the app, if it was asked for after this one. */
export function newerThan(office: OfficeState, app: AppState, id: string): DeploymentState | null {
  const newest = app.deployments.findLast((each) => app.openDeployments.has(each));
  if (newest === undefined || newest === id) return null;
  return office.deployments.get(newest) ?? null;
}
