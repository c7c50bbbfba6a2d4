import type { ObjectStore } from '../../artifacts/index.ts';
import { builderDigest } from '../../builder/index.ts';
import { type Logger, messageOf, TabbifyError } from '../../kit/index.ts';
import type { AppState, ArtifactState, DeploymentState, Failure, VersionState } from '../../state/index.ts';
import { nodeError } from '../errors.ts';
import type { Presences } from '../supervisors/presences.ts';
import { assignmentFor } from './assignment.ts';
import { buildVersion } from './build-version.ts';
import { type NextStep, nextStep } from './next-step.ts';
import type { DeploymentStep, Progress } from './progress.ts';
import { type RecordTools, recordStep } from './record.ts';
import { settleApp } from './settle-app.ts';

/** What a deployment works with. */
export interface DeployTools extends RecordTools {
  /** `TABBIFY_HOME`. */
  readonly home: string;
  readonly store: ObjectStore;
  readonly presences: Presences;
  readonly progress: Progress;
  readonly logger: Logger;
}

/** One deployment on its way. */
interface Run {
  readonly tools: DeployTools;
  readonly id: string;
  readonly app: string;
  readonly version: VersionState;
  readonly builder: string;
  /** Aborts when the deployment has ended otherwise, and when the node ends. */
  readonly signal: AbortSignal;
}

/** Where a step that breaks is said to have failed. */
const STAGES = { build: 'building', place: 'placing', wait: 'starting' } as const;

/** On top of the app's own readiness time (milliseconds): to fetch, to start, to report. */
const HOST_GRACE_MS = 90_000;
/** No deployment takes more steps; a decision that repeats itself must not spin. */
const MAX_STEPS = 10;

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
  const builder = await builderDigest();
  const signal = AbortSignal.any([ended, over]);
  const run: Run = { tools, id, app: deployment.app, version, builder, signal };
  for (let step = 0; step < MAX_STEPS; step++) {
    ended.throwIfAborted();
    const next = stepOf(run);
    if (next.kind === 'none') return;
    try {
      await take(run, next);
    } catch (error) {
      ended.throwIfAborted();
      if (stepOf(run).kind === 'none') return; // called off meanwhile: what broke does not matter
      if (next.kind !== 'build' && next.kind !== 'place' && next.kind !== 'wait') throw error;
      if (!(error instanceof TabbifyError))
        tools.logger.error({ err: error, deployment: id }, 'deployment broke');
      await fail(run, { stage: STAGES[next.kind], reason: reasonOf(error), logTail: [] });
    }
  }
  throw new Error(`deployment ${id} does not come to an end`);
}

function stepOf({ tools, id, builder }: Run): NextStep {
  return nextStep(tools.live.office, id, builder);
}

async function take(run: Run, next: Exclude<NextStep, { kind: 'none' }>): Promise<void> {
  switch (next.kind) {
    case 'supersede':
      return run.tools.commands.run(() => settleApp(run.tools, run.app));
    case 'build':
      return build(run);
    case 'place':
      return place(run, next.artifact);
    case 'wait':
      return wait(run, next.supervisor);
    case 'succeed':
      return succeed(run);
    case 'fail':
      return fail(run, next.failure);
  }
}

async function build(run: Run): Promise<void> {
  const { tools, id, app, version, builder, signal } = run;
  const { store, home, hook } = tools;
  say(run, { phase: 'building', detail: `version ${version.version}` });
  await tools.commands.run(async () => {
    if (stepOf(run).kind !== 'build' || deploymentOf(run).phase !== 'requested') return;
    await recordStep(tools, id, 'deployment_build_started', subjectOf(run));
  });
  await hook?.('before build');
  const built = await buildVersion(
    {
      ...{ store, home, version, signal },
      app: appOf(run),
      deployment: id,
      onStep: (step, detail) =>
        say(run, { phase: 'building', detail: detail === '' ? step : `${step}: ${detail}` }),
    },
    builder,
  );
  signal.throwIfAborted();
  await hook?.('after build');
  // another builder makes another artifact: it must not count as a repeat of the first one's event
  const name = `artifact_built by ${builder}`;
  await recordStep(tools, id, 'artifact_built', { ...built, app }, name);
}

/** Decided once more in the command queue: what came before may have called it off, or asked for a newer one. */
async function place(run: Run, artifact: ArtifactState): Promise<void> {
  const { tools, id } = run;
  await tools.commands.run(async () => {
    if (stepOf(run).kind !== 'place') return;
    const assignment = assignmentFor(
      tools.live.office,
      tools.presences,
      appOf(run),
      run.version,
      artifact,
      id,
    );
    say(run, { phase: 'placing', detail: `on '${assignment.supervisor}' as ${assignment.runtime}` });
    say(run, { phase: 'starting', detail: `on '${assignment.supervisor}'` });
    await recordStep(tools, id, 'app_assigned', assignment);
  });
}

/** Until the host has said how it went, or the deployment is over. */
async function wait(run: Run, supervisor: string): Promise<void> {
  const { live, hook } = run.tools;
  await hook?.('before the host’s answer');
  const patience = AbortSignal.timeout(run.version.runtime.health_timeout_sec * 1000 + HOST_GRACE_MS);
  const answered = await live.until(
    () => stepOf(run).kind !== 'wait',
    AbortSignal.any([run.signal, patience]),
  );
  run.signal.throwIfAborted();
  await hook?.('after the host’s answer');
  if (answered) return;
  throw nodeError('supervisor_away', {
    what: `The supervisor '${supervisor}' did not answer in time`,
    hint: 'See `tabbify status`, then deploy again',
  });
}

function succeed(run: Run): Promise<void> {
  const { tools, id, app } = run;
  return tools.commands.run(async () => {
    if (stepOf(run).kind !== 'succeed') return;
    await recordStep(tools, id, 'deployment_succeeded', subjectOf(run));
    tools.logger.info({ app, deployment: id, version: run.version.version }, 'deployment succeeded');
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
  return error.hint === undefined ? error.message : `${error.message}. ${error.hint}`;
}
