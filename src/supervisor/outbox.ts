import { setTimeout as wait } from 'node:timers/promises';
import { type Logger, messageOf, TabbifyError } from '../kit/index.ts';
import type { EventDraft } from '../log/index.ts';
import { createLane } from './lane.ts';
import { type OutboxFile, openOutboxFile } from './outbox-file.ts';
import type { SupervisorHook } from './points.ts';

export interface Outbox {
  /**
   * Says an observation. Resolves with true when it is on disk: from then on the node will hear of it, whatever
   * happens to this process. Where the disk refuses, when the node has it; false when closed before. Never rejects.
   */
  send(draft: EventDraft): Promise<boolean>;
  /** Resolves when nothing waits, at the latest after `timeoutMs`. */
  flush(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface OutboxOptions {
  /** `supervisor/<name>/outbox` of the home. */
  readonly directory: string;
  /** Sends one; `event_rejected` drops the event, any other error is tried again. */
  readonly post: (draft: EventDraft) => Promise<void>;
  readonly logger: Logger;
  readonly hook?: SupervisorHook;
  /** Observations that may wait; the oldest are dropped for more. */
  readonly limit?: number;
}

interface Waiting {
  readonly draft: EventDraft;
  /** True: on disk. False: only the memory has it. */
  readonly written: Promise<boolean>;
  readonly gone: PromiseWithResolvers<boolean>;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;
/** Some 10 MB with the last words of crashes: weeks of an office that is away. */
const LIMIT = 10_000;
/** Lines of deliveries after which the file begins anew although something waits. */
const REWRITE_AFTER = 1_000;

/**
 * Observations on their way to the node: written down before they count as said, sent one by one in the order they were
 * made, as long as it takes. What an earlier process left is sent first. Ids are stable, so that a second sending
 * appends nothing.
 *
 * @throws the file system's error when the directory cannot be used at all
 */
export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  const { directory, post, logger, hook, limit = LIMIT } = options;
  const file = await openOutboxFile(directory);
  if (file.torn > 0) logger.warn({ lines: file.torn }, 'observations that were cut short are dropped');
  if (file.waiting.length > 0) logger.info({ count: file.waiting.length }, 'observations wait from before');
  const closed = new AbortController();
  const disk = createLane();
  const queue: Waiting[] = file.waiting.map((draft) => waiting(draft, Promise.resolve(true)));
  let unwritten: EventDraft[] = [];
  let writing: Promise<boolean> | null = null;
  let deliveredLines = 0;
  let pumping: Promise<void> | null = null;
  if (queue.length > 0) pump();

  /** All that came while the last sync ran is written with the next one. */
  function write(draft: EventDraft): Promise<boolean> {
    unwritten.push(draft);
    writing ??= disk.run(async () => {
      const batch = unwritten;
      unwritten = [];
      writing = null;
      try {
        await file.append(batch);
        await hook?.('observation written');
        return true;
      } catch (error) {
        logger.error(
          { err: error, count: batch.length },
          'observations cannot be written down; a restart loses them',
        );
        return false;
      }
    });
    return writing;
  }

  function pump(): void {
    pumping ??= deliverAll().finally(() => {
      pumping = null;
      if (queue.length > 0 && !closed.signal.aborted) pump();
    });
  }

  async function deliverAll(): Promise<void> {
    for (let head = queue[0]; head !== undefined && !closed.signal.aborted; head = queue[0]) {
      await head.written;
      if (!(await deliver(head.draft))) return;
      if (queue[0] === head) queue.shift(); // else it was dropped meanwhile
      head.gone.resolve(true);
      await disk
        .run(() => tidy(head.draft.id))
        .catch((error: unknown) => {
          logger.warn({ err: error }, 'a delivery was not noted; the observation may be sent once more');
        });
    }
  }

  async function tidy(id: string): Promise<void> {
    const rest = queue.filter(({ draft }) => !unwritten.includes(draft)).map(({ draft }) => draft);
    deliveredLines += 1;
    if (rest.length > 0 && deliveredLines < REWRITE_AFTER) return file.delivered(id);
    deliveredLines = 0;
    await file.rewrite(rest);
  }

  async function deliver(draft: EventDraft): Promise<boolean> {
    let pause = FIRST_PAUSE_MS;
    while (!closed.signal.aborted) {
      try {
        await post(draft);
        await hook?.('observation delivered');
        return true;
      } catch (error) {
        const { type, subject } = draft;
        if (error instanceof TabbifyError && error.code === 'event_rejected') {
          logger.error({ type, subject, err: error }, 'node rejected an observation');
          return true;
        }
        logger.debug({ type, reason: messageOf(error) }, 'observation waits for the node');
        await wait(pause, undefined, { signal: closed.signal, ref: false }).catch(() => {});
        pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
      }
    }
    return false;
  }

  function makeRoom(): void {
    while (queue.length >= limit) {
      const [dropped] = queue.splice(queue.length > 1 ? 1 : 0, 1); // the first may be on its way
      if (dropped === undefined) return;
      const { type, subject, id } = dropped.draft;
      logger.error(
        { type, subject, limit },
        'too many observations wait for the node: an old one is dropped',
      );
      dropped.gone.resolve(false);
      disk.run(() => file.delivered(id)).catch(() => {}); // told above
    }
  }

  return {
    async send(draft) {
      if (closed.signal.aborted) return false;
      makeRoom();
      const item = waiting(draft, write(draft));
      queue.push(item);
      pump();
      return (await item.written) || item.gone.promise;
    },
    async flush(timeoutMs) {
      const empty = async (): Promise<void> => {
        while (queue.length > 0 && pumping !== null) await pumping;
      };
      await Promise.race([empty(), wait(timeoutMs, undefined, { ref: false })]);
    },
    async close() {
      closed.abort();
      for (const { gone } of queue) gone.resolve(false);
      await disk.idle();
      await closeQuietly(file, logger);
    },
  };
}

function waiting(draft: EventDraft, written: Promise<boolean>): Waiting {
  return { draft, written, gone: Promise.withResolvers<boolean>() };
}

async function closeQuietly(file: OutboxFile, logger: Logger): Promise<void> {
  await file.close().catch((error: unknown) => logger.warn({ err: error }, 'outbox was not closed'));
}
