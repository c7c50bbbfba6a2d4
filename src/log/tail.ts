import type { Filterable } from './filter.ts';
import { passesFilter } from './filter.ts';
import type { EventFilter } from './log-store.ts';

/** An event that has just become durable, as far as a waiting reader needs to know it. */
export type Appended = Filterable & { readonly position: number };

/** Wakes readers that wait at the head of the log. It holds no events: a reader reads its page from the store. */
export interface Tail {
  /** Position of the last event that was published. */
  readonly head: number;
  /** How many readers wait now. */
  readonly waiting: number;
  /** Tells of durable events, in order and without a gap. */
  publish(events: readonly Appended[]): void;
  /**
   * Waits for the first event after `seen` that may pass the filter and answers its position; it may also answer
   * `seen + 1` at once when something was appended since `seen`. Null once the signal aborts or the tail is closed.
   */
  after(seen: number, filter: EventFilter, signal: AbortSignal): Promise<number | null>;
  close(): void;
}

interface Waiter {
  readonly filter: EventFilter;
  readonly wake: (position: number | null) => void;
}

/** @param start position of the last event in the store when it was opened */
export function createTail(start: number): Tail {
  const waiters = new Set<Waiter>();
  let head = start;
  let closed = false;
  return {
    get head() {
      return head;
    },
    get waiting() {
      return waiters.size;
    },
    publish(events) {
      for (const event of events) {
        head = event.position;
        for (const waiter of waiters) {
          if (passesFilter(waiter.filter, event)) waiter.wake(event.position);
        }
      }
    },
    after(seen, filter, signal) {
      if (closed || signal.aborted) return Promise.resolve(null);
      if (head > seen) return Promise.resolve(seen + 1);
      return new Promise((resolve) => {
        const wake = (position: number | null) => {
          waiters.delete(waiter);
          signal.removeEventListener('abort', onAbort);
          resolve(position);
        };
        const onAbort = () => wake(null);
        const waiter: Waiter = { filter, wake };
        waiters.add(waiter);
        signal.addEventListener('abort', onAbort);
      });
    },
    close() {
      closed = true;
      for (const waiter of [...waiters]) waiter.wake(null);
    },
  };
}
