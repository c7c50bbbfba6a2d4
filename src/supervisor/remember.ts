import type { AppMemory } from './app-memory.ts';
import { aside, type InstanceState, type KnownFailure } from './instance-state.ts';
import type { Assignment } from './protocol.ts';
import { failedAgain, restartStatus, type Trouble } from './restarts.ts';

/** Changes what is remembered; on disk once what was said of it is there. @param said the report, if any */
export function remember(
  state: InstanceState,
  changes: Partial<AppMemory>,
  said: Promise<boolean> = Promise.resolve(true),
): void {
  const { app, memory, hook } = state.context;
  state.memory = { ...state.memory, ...changes };
  const snapshot = state.memory;
  const saving = state.saving.then(async () => {
    if (!(await said)) return;
    await memory.save(app, snapshot);
    await hook('memory saved');
  });
  aside(state, saving, 'what happened is not remembered');
  state.saving = saving.catch(() => {}); // logged
}

/** Reports that a generation was taken up or given up; remembered on disk once the report is there. */
export function settle(
  state: InstanceState,
  assignment: Assignment,
  outcome: AppMemory['outcome'],
  why: KnownFailure | null = null,
): void {
  const { app, observer, outbox } = state.context;
  const { generation } = assignment;
  const report =
    outcome === 'failed'
      ? observer.failed({
          app,
          generation,
          stage: why?.stage ?? 'start',
          reason: why?.reason ?? '',
          log_tail: why?.logTail ?? [],
        })
      : observer.applied(app, generation, outcome);
  const good = outcome === 'failed' ? state.memory.good : assignment;
  remember(state, { generation, outcome, good }, outbox.send(report));
}

/** What should run when something fails: the failure is that generation's. @param failing what failed, for when nobody has said */
export function generationInTrouble({ context }: InstanceState, failing: number): number {
  return context.desired()?.generation ?? failing;
}

/** One failure more of a start. @param isTold false: the report of the deployment says it */
export function startFailed(state: InstanceState, failing: number, isTold = true): void {
  const generation = generationInTrouble(state, failing);
  const now = state.context.clock.now();
  count(state, failedAgain(state.memory.trouble, { generation, served: false, now, runner: null }), isTold);
}

/** Takes a failure up into what is remembered and said. */
export function count(state: InstanceState, trouble: Trouble, isTold = true): void {
  const { app, logger, observer, outbox } = state.context;
  const { generation, failures } = trouble;
  logger.warn({ app, generation, failures, status: restartStatus(trouble) }, 'app failed');
  remember(state, { trouble }, isTold ? outbox.send(observer.troubled(app, trouble)) : undefined);
}

/** Failures are forgotten. @param since makes the report of it one of its own */
export function untroubled(state: InstanceState, since: string, changes: Partial<AppMemory> = {}): void {
  const { app, observer, outbox } = state.context;
  const generation = generationInTrouble(state, state.memory.generation);
  state.failure = null;
  state.lastError = null;
  remember(state, { ...changes, trouble: null }, outbox.send(observer.untroubled(app, generation, since)));
}
