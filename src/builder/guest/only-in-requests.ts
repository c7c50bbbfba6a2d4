/** What the engine refuses while a component is made, where an app is loaded otherwise. */
const NAMES = ['fetch', 'setInterval', 'setTimeout'] as const;

/** Says when an app is being loaded. */
export interface Loading {
  begin(): void;
  end(): void;
  /** Waits for what is under way. @throws NeverDone where it waits for what does not come */
  untilDone(running: Promise<void>): Promise<void>;
}

/** What was loaded waits for what nothing brings about. */
export class NeverDone extends Error {}

/** Turns of the event loop after which it is at its end, as there are neither timers nor answers of others to wait for. */
const TURNS = 20;

/**
 * Has functions refuse their work as long as an app is loaded, in the words of the engine. An app may hold on to them then and call
 * them later.
 */
export function refuseWhileLoading(): Loading {
  const { setTimeout } = globalThis;
  let isLoading = false;
  const scope = globalThis as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of NAMES) {
    const real = scope[name];
    const guarded = (...args: unknown[]): unknown => {
      if (!isLoading) return real?.apply(globalThis, args);
      throw new TypeError(`${name} can only be used during request handling, not during initialization`);
    };
    scope[name] = Object.defineProperty(guarded, 'name', { value: name, configurable: true });
  }

  async function exhausted(): Promise<never> {
    for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
    throw new NeverDone('it was never done: a top-level `await` waits for what does not come');
  }

  return {
    begin: () => {
      isLoading = true;
    },
    end: () => {
      isLoading = false;
    },
    untilDone: (running) => Promise.race([running, exhausted()]),
  };
}
