import { setTimeout as wait } from 'node:timers/promises';
import { type Logger, messageOf, TabbifyError } from '../kit/index.ts';
import type { EventDraft } from '../log/index.ts';

export interface Outbox {
  /** Queues an observation; true when the node has it or refused it for good, false when closed before. Never rejects. */
  send(draft: EventDraft): Promise<boolean>;
  /** Resolves when the queue is empty, at the latest after `timeoutMs`. */
  flush(timeoutMs: number): Promise<void>;
  close(): void;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Sends observations to the node one by one, in the order they were made, as long as it takes; their ids are
 * stable, so a second sending appends nothing.
 *
 * @param post sends one; `event_rejected` drops the event, any other error is tried again
 */
export function createOutbox(post: (draft: EventDraft) => Promise<void>, logger: Logger): Outbox {
  const closed = new AbortController();
  let tail: Promise<unknown> = Promise.resolve();

  async function deliver(draft: EventDraft): Promise<boolean> {
    let pause = FIRST_PAUSE_MS;
    while (!closed.signal.aborted) {
      try {
        await post(draft);
        return true;
      } catch (error) {
        if (error instanceof TabbifyError && error.code === 'event_rejected') {
          logger.error(
            { type: draft.type, subject: draft.subject, err: error },
            'node rejected an observation',
          );
          return true;
        }
        logger.debug({ type: draft.type, reason: messageOf(error) }, 'observation waits for the node');
        await wait(pause, undefined, { signal: closed.signal, ref: false }).catch(() => {});
        pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
      }
    }
    return false;
  }

  return {
    send(draft) {
      const sent = tail.then(() => deliver(draft));
      tail = sent;
      return sent;
    },
    async flush(timeoutMs) {
      await Promise.race([tail, wait(timeoutMs, undefined, { ref: false })]);
    },
    close: () => closed.abort(),
  };
}
