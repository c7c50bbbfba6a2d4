import { recordPaths } from '../runner/index.ts';
import { blankMemory } from './app-memory.ts';
import { artifactsOf, aside, type InstanceState } from './instance-state.ts';
import type { LiveRunner } from './live-runner.ts';
import type { Assignment } from './protocol.ts';
import { remember } from './remember.ts';
import { purposefulEnd, settleEnd } from './runner-end.ts';
import { forgetRunner, noteEnding, type RunnerRecord } from './runner-record.ts';

/** Milliseconds requests under way get when a runner is stopped. */
export const GRACE_MS = 10_000;

/** Lets a runner that was replaced go on for a while, then stops it. Its successor's record stands where its own was. */
export function drain(state: InstanceState, old: LiveRunner): void {
  const { closing, drainMs } = state.context;
  state.draining.add(old);
  const timer = setTimeout(
    () => aside(state, retire(state, old), 'a replaced runner was not cleared'),
    drainMs,
  );
  closing.addEventListener('abort', () => clearTimeout(timer), { once: true });
}

async function retire(state: InstanceState, old: LiveRunner): Promise<void> {
  const { home, hook } = state.context;
  await hook('old runner drained');
  await old.stop(GRACE_MS);
  await hook('old runner stopped');
  state.draining.delete(old);
  await state.lane.run(() => forgetRunner(home, old.record));
  await hook('old record removed');
}

/** Stops what serves. Why is on disk before it is told to: its end is no crash, whoever sees it. */
export async function stopCurrent(
  state: InstanceState,
  reason: 'stopped' | 'unassigned' | 'asked for' | 'idle' | 'purged' | 'revoked',
): Promise<void> {
  const runner = state.current;
  if (runner === null) return;
  state.current = null; // from here on its end is no crash, and a wake waits for its turn
  state.activity = null;
  await note(state, runner.record, reason);
  await end(state, runner, reason);
}

/** Carries out what an earlier supervisor had begun. */
export async function finishStop(state: InstanceState, runner: LiveRunner): Promise<void> {
  state.draining.add(runner);
  await end(state, runner, runner.record.ended_for ?? 'stopped');
  state.draining.delete(runner);
}

async function end(state: InstanceState, runner: LiveRunner, reason: string): Promise<void> {
  const { app, hook, logger } = state.context;
  const { record } = runner;
  await (reason === 'purged' ? clear(state, runner) : runner.stop(GRACE_MS));
  await hook('runner stopped');
  logger.info({ app, generation: record.generation, reason }, 'app stopped');
  await settleEnd(state, record, purposefulEnd(state, record, reason));
}

/** Notes why a runner ends, so that this is told whoever gets to it. A disk that refuses does not keep an app from being stopped. */
export async function note(state: InstanceState, record: RunnerRecord, reason: string): Promise<void> {
  const { app, home, hook, logger } = state.context;
  const { primary } = recordPaths(home, app, record.generation);
  try {
    await noteEnding(primary, record, reason);
    await hook('end noted');
  } catch (error) {
    logger.warn({ app, err: error }, 'why a runner ends cannot be noted');
  }
}

/** Stops the app and removes what the host keeps of it. All of it can be done again: what is remembered of it comes last. */
export async function purge(
  state: InstanceState,
  { stopped, generation, purge_position, purge_data_position }: Assignment,
): Promise<void> {
  const { context, draining, memory } = state;
  const data = purge_data_position > memory.purged;
  const { app } = context;
  await stopCurrent(state, 'purged');
  for (const old of draining) {
    draining.delete(old);
    await clear(state, old);
    await forgetRunner(context.home, old.record);
  }
  await context.removeTraces({ digests: artifactsOf(state), data });
  await context.hook('traces removed');
  state.failure = null;
  state.lastError = null;
  state.held = false;
  state.overriddenStop = 0;
  context.logger.info({ app, generation, data }, 'app purged');
  // One that was deployed again meanwhile is begun anew.
  const settled = stopped ? generation : generation - 1;
  const said = context.outbox.send(context.observer.purged({ app, generation, purge_position }));
  remember(state, { ...blankMemory, generation: settled, purged: purge_position }, said);
  await context.hook('purge told');
}

/** A runtime that cannot remove what is its own does not keep the app from being purged: the log says what is left. */
async function clear({ context }: InstanceState, runner: LiveRunner): Promise<void> {
  const { app, logger } = context;
  const reason = await runner.purge(GRACE_MS);
  if (reason !== null) logger.error({ app, reason }, 'what running the app has made may still be there');
}
