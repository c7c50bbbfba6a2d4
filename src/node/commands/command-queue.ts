import type { AppendOptions, AppendResult, EventDraft, LogStore } from '../../log/index.ts';
import type { LiveState } from '../live-state.ts';

/**
 * The one place where the office changes: check, append, wait until the state holds it, answer. Commands run one after
 * the other, so a check that reads the state sees every command before it (CONTRACTS §6, "Invariants across units").
 */
export interface CommandQueue {
  /** Runs a command when those before it are done. Its error is the caller's; the queue goes on. */
  run<Result>(command: () => Promise<Result>): Promise<Result>;
  /** Appends and waits for the fold. Inside `run` when it follows from a check. */
  append(draft: EventDraft, options?: AppendOptions): Promise<AppendResult>;
}

export function createCommandQueue(log: LogStore, live: LiveState): CommandQueue {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(command) {
      const result = last.then(command);
      last = result.catch(() => {}); // told to the caller through `result`
      return result;
    },
    async append(draft, options) {
      const result = await log.append(draft, options);
      await live.reached(result.position);
      return result;
    },
  };
}
