import { setTimeout as wait } from 'node:timers/promises';
import type { RuntimeFixture } from './runtime-fixture.ts';

/** One thing every runtime must do. */
export interface RuntimeCase {
  /** As the name of a test: what follows "a runtime". */
  readonly behaviour: string;
  /** @throws when the runtime does not do it, at the latest after `DEADLINE_MS` */
  readonly check: (fixture: RuntimeFixture) => Promise<void>;
}

/** Milliseconds within which anything that is not told to take time must be done, on a machine that has others to serve. */
export const DEADLINE_MS = 5_000;

/** The outcome of that work. @throws when there is none in time */
export const soon = <Value>(what: string, work: Promise<Value>): Promise<Value> =>
  Promise.race([
    work,
    wait(DEADLINE_MS, undefined, { ref: false }).then(() => {
      throw new Error(`after ${DEADLINE_MS} ms still not: ${what}`);
    }),
  ]);

/** Asks an app. */
export const get = (served: { readonly url: string }, path: string): Promise<Response> =>
  fetch(served.url + path, { signal: AbortSignal.timeout(DEADLINE_MS) });
