import type { Context } from '../context.ts';
import type { Progress } from '../terminal/progress.ts';

/** Progress of a chat, which is interrupted by lines to read and a question to answer. */
export interface Work {
  step(text: string): void;
  /** Clears the spinner while the person is asked. */
  paused<T>(ask: () => Promise<T>): Promise<T>;
  end(): Promise<void>;
}

/** Steps before the first and after a pause start a spinner; the end clears it. */
export async function startWork(context: Context): Promise<Work> {
  let current: Promise<Progress> | null = null;
  const end = async () => {
    const progress = await current;
    current = null;
    progress?.clear();
  };
  return {
    step(text) {
      if (current === null) current = context.progress(text);
      else void current.then((progress) => progress.step(text));
    },
    async paused(ask) {
      await end();
      return ask();
    },
    end,
  };
}
