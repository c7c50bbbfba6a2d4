import type { ObjectStore } from '../../artifacts/index.ts';
import { type Clock, derivedId, type Logger, messageOf, TabbifyError } from '../../kit/index.ts';
import {
  type AppState,
  type DomainEvents,
  type DomainEventType,
  domainEvent,
  type Failure,
  type VersionState,
} from '../../state/index.ts';
import type { CommandQueue } from '../commands/command-queue.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import type { Presences } from '../supervisors/presences.ts';
import { assignmentFor } from './assignment.ts';
import { artifactOf, type VersionArtifact } from './build-version.ts';
import type { DeploymentStep, Progress } from './progress.ts';

/** What a deployment works with. */
export interface DeployTools {
  /** `TABBIFY_HOME`. */
  readonly home: string;
  readonly store: ObjectStore;
  readonly live: LiveState;
  readonly commands: CommandQueue;
  readonly presences: Presences;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One deployment on its way. */
interface Run {
  readonly tools: DeployTools;
  readonly id: string;
  readonly app: string;
  readonly version: VersionState;
  readonly signal: AbortSignal;
}

type Stage = 'building' | 'placing' | 'starting';

/** On top of the app's own readiness time (milliseconds): to fetch, to start, to report. */
const HOST_GRACE_MS = 90_000;

/**
 * Brings one deployment to its end: build, place, start. Each step looks first whether the log has it already, and
 * its event has an id that follows from the deployment's, so a deployment that was cut off is simply run again.
 *
 * @throws only when the signal aborts or the log cannot be written; everything else becomes `deployment_failed`
 */
export async function runDeployment(tools: DeployTools, id: string, signal: AbortSignal): Promise<void> {
  const deployment = tools.live.office.deployments.get(id);
  const version = tools.live.office.apps.get(deployment?.app ?? '')?.versions.get(deployment?.version ?? 0);
  if (deployment === undefined || version === undefined || deployment.finishedAt !== null) return;
  const run: Run = { tools, id, app: deployment.app, version, signal };
  let stage: Stage = 'building';
  try {
    if (appOf(run).assignment?.deployment !== id) {
      const artifact = await build(run);
      stage = 'placing';
      await assign(run, artifact);
    }
    stage = 'starting';
    const failure = await outcome(run);
    if (failure === null) await succeed(run);
    else await fail(run, failure);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof TabbifyError))
      tools.logger.error({ err: error, deployment: id }, 'deployment broke');
    await fail(run, { stage, reason: reasonOf(error), logTail: [] });
  }
}

async function build(run: Run): Promise<VersionArtifact> {
  const { store, home } = run.tools;
  say(run, { phase: 'building', detail: `version ${run.version.version}` });
  const artifact = await artifactOf({
    store,
    home,
    app: appOf(run),
    version: run.version,
    deployment: run.id,
    onStep: (step, detail) =>
      say(run, { phase: 'building', detail: detail === '' ? step : `${step}: ${detail}` }),
    signal: run.signal,
  });
  if (artifact.built !== null) await record(run, 'artifact_built', artifact.built);
  return artifact;
}

async function assign(run: Run, artifact: VersionArtifact): Promise<void> {
  const { commands, live, presences } = run.tools;
  await commands.run(async () => {
    const assignment = assignmentFor(live.office, presences, appOf(run), run.version, artifact, run.id);
    say(run, { phase: 'placing', detail: `on '${assignment.supervisor}' as ${assignment.runtime}` });
    await record(run, 'app_assigned', assignment);
  });
}

/** Waits for the host's word. @returns null when it took the assignment up */
async function outcome(run: Run): Promise<Failure | null> {
  say(run, { phase: 'starting', detail: `on '${appOf(run).assignment?.supervisor}'` });
  const patience = AbortSignal.timeout(run.version.runtime.health_timeout_sec * 1000 + HOST_GRACE_MS);
  const settled = () => {
    const { assignment } = appOf(run);
    return assignment?.deployment !== run.id || assignment.outcome !== null;
  };
  await run.tools.live.until(settled, AbortSignal.any([run.signal, patience]));
  run.signal.throwIfAborted();
  const { assignment } = appOf(run);
  if (assignment?.deployment !== run.id) {
    throw nodeError('app_not_ready', { what: 'Another deployment of the app took its place' });
  }
  if (assignment.outcome === null) {
    throw nodeError('supervisor_away', {
      what: `The supervisor '${assignment.supervisor}' did not answer in time`,
      hint: 'See `tabbify status`, then deploy again',
    });
  }
  return assignment.outcome === 'failed'
    ? (assignment.failure ?? { stage: 'starting', reason: 'it did not start', logTail: [] })
    : null;
}

async function succeed(run: Run): Promise<void> {
  const { version } = run.version;
  await record(run, 'deployment_succeeded', { app: run.app, deployment_id: run.id, version });
  say(run, { phase: 'succeeded', detail: `version ${version} is in place` });
  run.tools.logger.info({ app: run.app, deployment: run.id, version }, 'deployment succeeded');
}

async function fail(run: Run, { stage, reason, logTail }: Failure): Promise<void> {
  const { version } = run.version;
  const log_tail = [...logTail];
  await record(run, 'deployment_failed', {
    app: run.app,
    deployment_id: run.id,
    version,
    stage,
    reason,
    log_tail,
  });
  say(run, { phase: 'failed', detail: stage, reason, log_tail });
  run.tools.logger.warn({ app: run.app, deployment: run.id, version, stage, reason }, 'deployment failed');
}

async function record<Type extends DomainEventType>(
  run: Run,
  type: Type,
  data: DomainEvents[Type],
): Promise<void> {
  const context = {
    actor: 'system',
    source: '/node',
    office: appOf(run).office,
    id: derivedId(run.id, type),
    correlationid: run.id,
    clock: run.tools.clock,
  };
  await run.tools.commands.append(domainEvent(type, data, context));
}

/** The app as it is now: a new registration replaces the object. Apps are never forgotten. */
function appOf(run: Run): AppState {
  return run.tools.live.office.apps.get(run.app) as AppState;
}

function say(run: Run, step: DeploymentStep): void {
  run.tools.progress.add(run.id, step);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof TabbifyError)) return `the office broke: ${messageOf(error)}`;
  return error.hint === undefined ? error.message : `${error.message}. ${error.hint}`;
}
