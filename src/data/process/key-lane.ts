import { messageOf } from '../../kit/index.ts';
import type { KeyReply, KeyRequest, KeyValue } from '../database/key-value.ts';
import { unavailable } from '../errors.ts';

/** Requests, and bytes of their values, that go into one transaction. */
const MAX_TOGETHER = 256;
const MAX_TOGETHER_BYTES = 8 * 1024 * 1024;

interface KeyJob {
  readonly request: KeyRequest;
  readonly done: (reply: KeyReply) => void;
}

export interface KeyLane {
  add(job: KeyJob): void;
  isIdle(): boolean;
  /** Carries out all that waits. */
  flush(): void;
}

/**
 * Group commit: what came in while the disk took the transaction before goes into the next one. The thread stands still while the
 * disk works, and sockets gather meanwhile.
 */
export function createKeyLane(store: KeyValue, maxPages: () => number): KeyLane {
  let waiting: KeyJob[] = [];
  let scheduled = false;

  function group(): readonly KeyJob[] {
    let bytes = 0;
    let count = 0;
    for (const { request } of waiting) {
      if (count >= MAX_TOGETHER || (count > 0 && bytes > MAX_TOGETHER_BYTES)) break;
      bytes += request.op === 'put' ? request.value.byteLength : 0;
      count++;
    }
    const jobs = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return jobs;
  }

  function step(): void {
    scheduled = false;
    const jobs = group();
    const replies = carryOut(jobs);
    for (const [index, { done }] of jobs.entries()) {
      done(replies[index] ?? { kind: 'refused', error: unavailable('it was not carried out') });
    }
    schedule();
  }

  function carryOut(jobs: readonly KeyJob[]): readonly KeyReply[] {
    try {
      return store.run(
        jobs.map(({ request }) => request),
        maxPages(),
      );
    } catch (error) {
      return jobs.map(() => ({ kind: 'refused', error: unavailable(messageOf(error)) }));
    }
  }

  function schedule(): void {
    if (scheduled || waiting.length === 0) return;
    scheduled = true;
    setImmediate(step);
  }

  return {
    add(job) {
      waiting.push(job);
      schedule();
    },
    isIdle: () => waiting.length === 0,
    flush() {
      while (waiting.length > 0) step();
    },
  };
}
