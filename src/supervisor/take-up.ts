import { watchActivity } from './activity.ts';
import { aside, type InstanceState } from './instance-state.ts';
import type { Ending, LiveRunner } from './live-runner.ts';
import { generationInTrouble } from './remember.ts';
import { failedAgain } from './restarts.ts';
import { crash, purposefulEnd, settleEnd } from './runner-end.ts';
import { note } from './take-down.ts';

const BY_ITSELF = 'the runner ended by itself';

/**
 * Takes a runner up as the one that serves. One that ends unasked has failed.
 *
 * @param converge called when such an end has been told and counted
 */
export function takeUp(state: InstanceState, runner: LiveRunner, converge: () => Promise<void>): void {
  state.current = runner;
  state.activity = watchActivity(runner, state.context.clock);
  void runner.ended.then((ending) => {
    if (state.current !== runner) return;
    // In its turn, so that the end is told before the next start, and the record is not taken from a successor.
    const told = lose(state, runner, ending);
    aside(state, told, 'a crash was not told');
    aside(state, told.then(converge), 'a crash was not followed');
  });
}

async function lose(state: InstanceState, { record }: LiveRunner, ending: Ending): Promise<void> {
  const { app, clock, logger } = state.context;
  const { generation, nonce, pid } = record;
  const { code, signal } = ending;
  state.current = null;
  state.activity = null;
  state.unsettledEnds += 1;
  state.lastError = howItEnded(ending);
  state.failure = { generation, stage: 'run', reason: state.lastError, logTail: [] };
  logger.warn({ app, pid, code, signal }, 'runner ended unasked');
  await state.lane.run(async () => {
    try {
      const { event, logTail } = await crash(state, record, ending);
      if (state.failure !== null) state.failure = { ...state.failure, logTail };
      const isCrash = code !== 0;
      if (!isCrash) await note(state, record, BY_ITSELF);
      const end = isCrash ? event : purposefulEnd(state, record, BY_ITSELF);
      const failed = { generation: generationInTrouble(state, generation), served: true, runner: nonce };
      const trouble = failedAgain(state.memory.trouble, { ...failed, now: clock.now() });
      await settleEnd(state, record, end, trouble);
    } finally {
      state.unsettledEnds -= 1;
    }
  });
}

/** In words for whoever asks why an app is away: the runner ends as its app does. */
function howItEnded({ code, signal }: Ending): string {
  if (signal !== null) return `it was ended by ${signal}`;
  return code === null ? 'it ended, and nobody saw how' : `it ended by itself with code ${code}`;
}
