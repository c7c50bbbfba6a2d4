import { setTimeout as delay } from 'node:timers/promises';
import { type Logger, messageOf } from '../../kit/index.ts';
import type { Failure, FromWorker, ToWorker, WorkerSettings } from './messages.ts';
import { type Opened, startThread, type Thread, ThreadRefused } from './thread.ts';

/** Milliseconds before each try to have a thread that died again; after the last one it stays away. */
const TRIES_MS = [50, 500, 2000];
/** A thread that served for so long before it died is given all tries again, ms. */
const SERVED_MS = 60_000;

export interface KeptThread {
  /** Is it there to be asked? */
  readonly open: boolean;
  send(message: ToWorker): void;
  /** Has it close the file and waits for its end. */
  close(): Promise<void>;
}

export interface ThreadHooks {
  readonly now: () => number;
  readonly logger: Logger;
  readonly receive: (message: FromWorker) => void;
  /** It died: nothing that it was asked is answered any more. */
  readonly lost: (failure: Failure) => void;
  /** It serves again; it is asked nothing before this has resolved. */
  readonly again: (opened: Opened) => Promise<void>;
  /** It could not be had again. */
  readonly gaveUp: () => void;
}

/**
 * A thread that is started again when it dies: by a fault of the runtime or for want of memory, say. Nothing
 * acknowledged can be lost by that (it is on disk), and what was not acknowledged may be repeated under the same id.
 * After three tries in vain it stays away, and every call is refused: the file or the machine has to be looked at.
 *
 * @throws ThreadRefused when it cannot be opened the first time
 */
export async function keepThread(
  settings: WorkerSettings,
  hooks: ThreadHooks,
): Promise<[KeptThread, Opened]> {
  let closing = false;
  let open = false;
  let over: Promise<void> = Promise.resolve();

  const start = async (): Promise<[Thread, Opened]> => {
    const thread = startThread(settings, hooks.now(), hooks.receive);
    return [thread, await thread.opened];
  };
  let [thread, opened] = await start();
  open = true;

  const watch = async (): Promise<void> => {
    let since = performance.now();
    let tries = 0;
    while (true) {
      const cause = await thread.ended;
      open = false;
      if (closing) return;
      hooks.logger.error({ err: cause, role: settings.role }, 'a thread of the log died');
      hooks.lost({
        code: 'log_unavailable',
        why: `its thread died: ${messageOf(cause ?? 'without a word')}`,
        hint: 'Try again in a moment; an append may be repeated with the same id',
      });
      if (performance.now() - since > SERVED_MS) tries = 0;
      let found = false;
      while (!found && !closing && tries < TRIES_MS.length) {
        await delay(TRIES_MS[tries++]);
        found = await reopen();
      }
      if (closing) {
        if (found) thread.send({ kind: 'close' });
        if (found) await thread.ended;
        return;
      }
      if (!found) {
        hooks.logger.fatal(
          { role: settings.role },
          'the log could not be opened again: start the office again',
        );
        hooks.gaveUp();
        return;
      }
      since = performance.now();
    }
  };
  const reopen = async (): Promise<boolean> => {
    try {
      [thread, opened] = await start();
      await hooks.again(opened);
      open = true;
      hooks.logger.info({ role: settings.role, head: opened.head }, 'the log is open again');
      return true;
    } catch (error) {
      const why = error instanceof ThreadRefused ? error.failure.why : messageOf(error);
      hooks.logger.error({ why, role: settings.role }, 'the log could not be opened again');
      return false;
    }
  };
  over = watch();

  return [
    {
      get open() {
        return open;
      },
      send: (message) => thread.send(message),
      async close() {
        closing = true;
        if (open) thread.send({ kind: 'close' });
        await over;
      },
    },
    opened,
  ];
}
