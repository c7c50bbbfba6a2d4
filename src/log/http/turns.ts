/** Milliseconds of writing in one turn of the event loop; the rest waits for the next, requests go in between. */
const BUDGET_MS = 2;

/** What is written once a turn, however much was handed in during it. */
export interface Turns {
  /** Calls the function in one of the next turns, once, however often it is asked for until then. */
  ask(work: () => void): void;
}

export function createTurns(): Turns {
  const waiting = new Set<() => void>();
  const run = () => {
    const until = performance.now() + BUDGET_MS;
    for (const work of waiting) {
      waiting.delete(work);
      work();
      if (performance.now() > until) break;
    }
    if (waiting.size > 0) setImmediate(run);
  };
  return {
    ask(work) {
      if (waiting.size === 0) setImmediate(run);
      waiting.add(work);
    },
  };
}
