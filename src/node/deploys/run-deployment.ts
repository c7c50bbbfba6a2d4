import type { ObjectStore } from '../../artifacts/index.ts';
import type { ArtifactKind } from '../../builder/index.ts';
import { type Logger, messageOf, TabbifyError } from '../../kit/index.ts';
import type {
  AppState,
  DeploymentPhase,
  DeploymentState,
  DomainEvents,
  Failure,
  VersionState,
} from '../../state/index.ts';
import { askApproval } from '../approvals/ask-approval.ts';
import { outstandingOf } from '../approvals/outstanding.ts';
import type { PolicyOf } from '../approvals/policies.ts';
import type { Presences } from '../supervisors/presences.ts';
import type { SupervisorClient } from '../supervisors/supervisor-client.ts';
import { type Builders, buildersHere } from './artifact-kinds.ts';
import { assignmentFor, decisionFor, placementsFor } from './assignment.ts';
import { buildVersion } from './build-version.ts';
import { ownSupervisor } from './hosts.ts';
import { type NextStep, nextStep } from './next-step.ts';
import type { Placement } from './placement.ts';
import type { DeploymentStep, Progress } from './progress.ts';
import { type RecordTools, recordStep } from './record.ts';
import { settleApp } from './settle-app.ts';
import { HOST_WAITS, type HostWaits, watchHost } from './watch-host.ts';

/** What a deployment works with. */
export interface DeployTools extends RecordTools {
  /** `TABBIFY_HOME`. */
  readonly home: string;
  readonly store: ObjectStore;
  readonly presences: Presences;
  readonly supervisors: Pick<SupervisorClient, 'look'>;
  readonly policyOf: PolicyOf;
  readonly progress: Progress;
  readonly logger: Logger;
  /** Default `HOST_WAITS`. */
  readonly waits?: HostWaits;
}

/** One deployment on its way. */
interface Run {
  readonly tools: DeployTools;
  readonly id: string;
  readonly app: string;
  readonly version: VersionState;
  readonly builders: Builders;
  /** Aborts when the deployment has ended otherwise, and when the node ends. */
  readonly signal: AbortSignal;
}

/** Where a step that breaks is said to have failed. */
const STAGES = { build: 'building', decide: 'placing', tell: 'placing', wait: 'starting' } as const;

/** What nothing was built by. */
const NO_BUILDERS: Builders = { 'wasm-http': '', module: '' };

/** No deployment takes more steps; a decision that repeats itself must not spin. */
const MAX_STEPS = 200;

/**
 * Brings one deployment to its end, step by step, as the state says what is next (`nextStep`). Every step's event has an
 * id that follows from the deployment's, so a deployment that was cut off is simply run again.
 *
 * @param signals `ended`: the node ends; `over`: the deployment was called off or gave way
 * @throws only when the node ends or the log cannot be written; everything else becomes `deployment_failed`
 */
export async function runDeployment(
  tools: DeployTools,
  id: string,
  { ended, over }: { readonly ended: AbortSignal; readonly over: AbortSignal },
): Promise<void> {
  const deployment = tools.live.office.deployments.get(id);
  const version = tools.live.office.apps.get(deployment?.app ?? '')?.versions.get(deployment?.version ?? 0);
  if (deployment === undefined || version === undefined) return;
  const signal = AbortSignal.any([ended, over]);
  const about = { tools, id, app: deployment.app, version, signal };
  let builders: Builders;
  try {
    builders = await buildersHere();
  } catch (error) {
    if (!hasNothingDone(deployment.phase)) throw error; // a host has begun with what was built
    tools.logger.error({ err: error, deployment: id }, 'the builder of this office cannot be read');
    const reason = `the office's own program is not whole: ${messageOf(error)}. Install it anew`;
    return fail({ ...about, builders: NO_BUILDERS }, { stage: 'building', reason, logTail: [] });
  }
  const run: Run = { ...about, builders };
  for (let step = 0; step < MAX_STEPS; step++) {
    ended.throwIfAborted();
    const next = stepOf(run);
    if (next.kind === 'none' || next.kind === 'await') return;
    try {
      await take(run, next);
    } catch (error) {
      ended.throwIfAborted();
      if (stepOf(run).kind === 'none') return; // called off meanwhile: what broke does not matter
      if (!(next.kind in STAGES)) throw error;
      if (!(error instanceof TabbifyError))
        tools.logger.error({ err: error, deployment: id }, 'deployment broke');
      await fail(run, {
        stage: STAGES[next.kind as keyof typeof STAGES],
        reason: reasonOf(error),
        logTail: [],
      });
    }
  }
  throw new Error(`deployment ${id} does not come to an end`);
}

function stepOf(run: Run): NextStep {
  const { tools, id, builders } = run;
  const { office } = tools.live;
  const deployment = deploymentOf(run);
  const { results } = deployment;
  const isTold = results.some(({ told }) => told);
  const placements = results.length > 0 ? results : placementsNow(run);
  const own = ownSupervisor(office, tools.presences);
  const undecided = { app: appOf(run), version: run.version, deployment, placements, own };
  const outstanding = isTold ? null : outstandingOf(office, undecided, tools.policyOf);
  return nextStep(office, id, builders, placements, outstanding);
}

/** No artifact was made for it and no host was told. */
function hasNothingDone(phase: DeploymentPhase): boolean {
  return phase === 'requested' || phase === 'awaiting_approval' || phase === 'approved';
}

/** Where it would go now; null: nowhere, and whoever decides it is told why. */
function placementsNow(run: Run): Placement[] | null {
  try {
    return placementsOf(run);
  } catch (error) {
    if (error instanceof TabbifyError) return null;
    throw error;
  }
}

/** @throws as `placementsFor` */
function placementsOf(run: Run): Placement[] {
  const { live, presences } = run.tools;
  const { targets, leaveData } = deploymentOf(run);
  return placementsFor(live.office, presences, { app: appOf(run), version: run.version, targets, leaveData });
}

async function take(run: Run, next: Exclude<NextStep, { kind: 'none' | 'await' }>): Promise<void> {
  switch (next.kind) {
    case 'supersede':
      return run.tools.commands.run(() => settleApp(run.tools, run.app));
    case 'ask':
      return ask(run);
    case 'build':
      return build(run, next.missing);
    case 'decide':
      return decide(run);
    case 'tell':
      return tell(run, next.target.supervisor);
    case 'wait':
      return wait(run, next.supervisors);
    case 'succeed':
      return succeed(run);
    case 'fail':
      return fail(run, next.failure);
  }
}

/** It goes on when a person has decided: whoever hears of that runs it again. */
async function ask(run: Run): Promise<void> {
  const { tools, version } = run;
  await tools.commands.run(async () => {
    const next = stepOf(run);
    if (next.kind === 'ask') await askApproval(tools, deploymentOf(run), version, next.outstanding);
  });
}

/**
 * One artifact after the other. They are said together at the end, as the first one takes the deployment on to the next
 * phase; what was built before a crash is in the builder's cache.
 */
async function build(run: Run, missing: readonly ArtifactKind[]): Promise<void> {
  const { tools, id, version, signal } = run;
  const { hook } = tools;
  say(run, { phase: 'building', detail: `version ${version.version}` });
  await tools.commands.run(async () => {
    if (stepOf(run).kind !== 'build' || !hasNothingDone(deploymentOf(run).phase)) return;
    await recordStep(tools, id, 'deployment_build_started', subjectOf(run));
  });
  const built: DomainEvents['artifact_built'][] = [];
  for (const kind of missing) {
    await hook?.(`before build of ${kind}`);
    built.push(await buildOne(run, kind, missing.length > 1));
    signal.throwIfAborted();
    await hook?.(`after build of ${kind}`);
  }
  for (const artifact of built) {
    // another builder makes another artifact: it must not count as a repeat of the first one's event
    const name = `artifact_built of ${artifact.kind} by ${artifact.builder_digest}`;
    await recordStep(tools, id, 'artifact_built', artifact, name);
  }
}

/** @param isOneOfSeveral then what is said of it names it */
function buildOne(
  run: Run,
  kind: ArtifactKind,
  isOneOfSeveral: boolean,
): Promise<DomainEvents['artifact_built']> {
  const { tools, id, version, builders, signal } = run;
  const { store, home } = tools;
  const about = isOneOfSeveral ? `${kind}, ` : '';
  return buildVersion(
    {
      ...{ store, home, version, kind, signal },
      app: appOf(run),
      deployment: id,
      onStep: (step, detail) =>
        say(run, { phase: 'building', detail: `${about}${detail === '' ? step : `${step}: ${detail}`}` }),
    },
    builders[kind],
  );
}

/** Decided once more in the command queue: what came before may have called it off, or asked for a newer one. */
async function decide(run: Run): Promise<void> {
  const { tools, id } = run;
  await tools.commands.run(async () => {
    if (stepOf(run).kind !== 'decide') return; // or hosts have changed, and other artifacts are needed
    const decision = decisionFor(appOf(run), deploymentOf(run), placementsOf(run));
    await recordStep(tools, id, 'deployment_placed', decision);
  });
}

/** One host; the others are told in the steps that follow. */
async function tell(run: Run, supervisor: string): Promise<void> {
  const { tools, id, version } = run;
  await tools.commands.run(async () => {
    const next = stepOf(run);
    if (next.kind !== 'tell' || next.target.supervisor !== supervisor) return;
    const { target, artifact } = next;
    say(run, { phase: 'placing', supervisor, detail: `on '${supervisor}' as ${target.runtime}` });
    say(run, { phase: 'starting', supervisor, detail: `on '${supervisor}'` });
    const assignment = assignmentFor(appOf(run), version, deploymentOf(run), target, artifact);
    await recordStep(tools, id, 'app_assigned', assignment, `app_assigned on ${supervisor}`);
  });
}

/** Until each host has said how it went, or the deployment is over. Those that say nothing in time count as failed. */
async function wait(run: Run, supervisors: readonly string[]): Promise<void> {
  const { tools } = run;
  await tools.hook?.('before the host’s answer');
  const silent = await Promise.all(supervisors.map((supervisor) => silenceOf(run, supervisor)));
  run.signal.throwIfAborted();
  await tools.hook?.('after the host’s answer');
  for (const silence of silent) if (silence !== null) await giveUp(run, silence);
}

/** @returns null once the host has answered, or its answer does not matter any more */
async function silenceOf(run: Run, supervisor: string): Promise<Silence | null> {
  const { live, waits = HOST_WAITS } = run.tools;
  const isOpen = () => {
    const next = stepOf(run);
    return next.kind === 'wait' && next.supervisors.includes(supervisor);
  };
  const host = watchHost(run.tools, supervisor, waits);
  const patience = AbortSignal.timeout(run.version.runtime.health_timeout_sec * 1000 + waits.graceMs);
  const answered = await live.until(() => !isOpen(), AbortSignal.any([run.signal, patience, host.away]));
  host.stop();
  if (answered || run.signal.aborted) return null;
  return { supervisor, reason: host.away.aborted ? 'is away' : 'did not answer in time' };
}

interface Silence {
  readonly supervisor: string;
  readonly reason: string;
}

/** The other hosts go on without it. */
function giveUp(run: Run, { supervisor, reason }: Silence): Promise<void> {
  const { tools, id } = run;
  return tools.commands.run(async () => {
    const next = stepOf(run);
    if (next.kind !== 'wait' || !next.supervisors.includes(supervisor)) return; // its word came while this waited
    const why = `the supervisor '${supervisor}' ${reason}${hasData(run, supervisor) ? ', and the data of the app is there, so that it is not started elsewhere' : ''}. See \`tabbify status\`, then deploy again`;
    const data = { ...subjectOf(run), supervisor, stage: STAGES.wait, reason: why };
    await recordStep(
      tools,
      id,
      'deployment_target_failed',
      data,
      `deployment_target_failed on ${supervisor}`,
    );
  });
}

/** Is what the app has stored on that host, and does this version use it? */
function hasData(run: Run, supervisor: string): boolean {
  return run.version.runtime.data_mb !== undefined && appOf(run).dataOn === supervisor;
}

/** The end; hosts that it does not name are left, and those that did not take it up get back what they had. */
function succeed(run: Run): Promise<void> {
  const { tools, id, app } = run;
  return tools.commands.run(async () => {
    if (stepOf(run).kind !== 'succeed') return;
    await recordStep(tools, id, 'deployment_succeeded', subjectOf(run));
    tools.logger.info({ app, deployment: id, version: run.version.version }, 'deployment succeeded');
    await settleApp(tools, app);
  });
}

/** The end, and in the same command the way back to what served before. */
function fail(run: Run, { stage, reason, logTail }: Failure): Promise<void> {
  const { tools, id, app } = run;
  return tools.commands.run(async () => {
    const { kind } = stepOf(run);
    if (kind === 'none' || kind === 'succeed') return; // it ended, or the host’s word came while this waited
    const data = { ...subjectOf(run), stage, reason, log_tail: [...logTail] };
    await recordStep(tools, id, 'deployment_failed', data);
    tools.logger.warn({ ...data, log_tail: undefined, deployment: id }, 'deployment failed');
    await settleApp(tools, app);
  });
}

function subjectOf({ app, id, version }: Run) {
  return { app, deployment_id: id, version: version.version };
}

/** The app as it is now: a new registration replaces the object. Apps and deployments are never forgotten. */
function appOf(run: Run): AppState {
  return run.tools.live.office.apps.get(run.app) as AppState;
}

function deploymentOf(run: Run): DeploymentState {
  return run.tools.live.office.deployments.get(run.id) as DeploymentState;
}

function say(run: Run, step: DeploymentStep): void {
  run.tools.progress.add(run.id, step);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof TabbifyError)) return `the office broke: ${messageOf(error)}`;
  const { what, why, hint, message } = error;
  // an excerpt of the source has lines that stand under each other
  if (why?.includes('\n')) return [`${what}:`, why, ...(hint === undefined ? [] : [hint])].join('\n');
  return hint === undefined ? message : `${message}. ${hint}`;
}
