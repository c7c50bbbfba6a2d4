import { report } from '../../boxed/guest/report.ts';

/** What an app does besides answering: the work it has handed to `waitUntil`. */
export interface Background {
  /** Pieces of work that are not done. */
  readonly pending: number;
  /** What is rejected is written to stderr; nobody waits for it who could handle it. */
  add(work: unknown): void;
}

/** @param onIdle called whenever the last piece of work is done */
export function backgroundWork(onIdle: () => void): Background {
  let pending = 0;
  const done = (): void => {
    pending -= 1;
    if (pending === 0) onIdle();
  };
  return {
    get pending() {
      return pending;
    },
    add(work) {
      pending += 1;
      Promise.resolve(work).catch(report).then(done);
    },
  };
}
