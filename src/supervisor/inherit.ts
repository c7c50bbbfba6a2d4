import { machineStartedAt, newId } from '../kit/index.ts';
import type { FoundRunner } from './adopt.ts';
import { aside, type InstanceState } from './instance-state.ts';
import { generationInTrouble, remember } from './remember.ts';
import { failedUnwatched } from './restarts.ts';
import { crash, purposefulEnd, settleEnd } from './runner-end.ts';
import type { RunnerRecord } from './runner-record.ts';
import { finishStop } from './take-down.ts';

/**
 * Says what became of the runner that an earlier supervisor left, and brings to its end what that one had begun. The start
 * is told as well where the earlier one did not get to it.
 */
export async function inherit(state: InstanceState, found: FoundRunner): Promise<void> {
  const { app, logger, observer, outbox } = state.context;
  const { record } = found.kind === 'lost' ? found : found.runner;
  if (state.memory.told !== record.nonce)
    remember(state, { told: record.nonce }, outbox.send(observer.started(record)));
  switch (found.kind) {
    case 'adopted':
      logger.info({ app, pid: record.pid, generation: record.generation }, 'runner adopted');
      aside(state, outbox.send(observer.adopted(record, newId())), 'an adoption was not told');
      return;
    case 'leaving':
      return finishStop(state, found.runner);
    case 'lost':
      return settleLoss(state, record);
  }
}

async function settleLoss(state: InstanceState, record: RunnerRecord): Promise<void> {
  const { app, clock, logger } = state.context;
  const { generation, nonce, ended_for: reason } = record;
  if (reason !== undefined) return settleEnd(state, record, purposefulEnd(state, record, reason));
  const startedAt = Date.parse(record.started_at) || clock.now();
  if (startedAt < (machineStartedAt() ?? 0)) {
    // The machine took it along, which is nobody's failure.
    logger.info({ app, generation }, 'runner ended with the machine');
    return settleEnd(state, record, purposefulEnd(state, record, 'the machine was restarted'));
  }
  logger.warn({ app, generation }, 'runner ended while no supervisor watched');
  const { event, logTail } = await crash(state, record, { code: null, signal: null });
  state.lastError = 'the runner ended while no supervisor watched';
  state.failure = { generation, stage: 'run', reason: state.lastError, logTail };
  const dead = { generation: generationInTrouble(state, generation), runner: nonce, startedAt };
  await settleEnd(state, record, event, failedUnwatched(state.memory.trouble, dead));
}
