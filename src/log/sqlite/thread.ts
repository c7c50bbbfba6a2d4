import { Worker } from 'node:worker_threads';
import { messageOf } from '../../kit/index.ts';
import type { Failure, FromWorker, ToWorker, WorkerSettings } from './messages.ts';

/** What a thread of the log answers when it has the file. */
export interface Opened {
  readonly head: number;
  /** Events that were brought from an older format. */
  readonly migrated: number | null;
  readonly warning: string | null;
}

/** One worker with the database open. */
export interface Thread {
  /** Resolves when it has the file; @throws {@link ThreadRefused} */
  readonly opened: Promise<Opened>;
  /** Resolves when it has ended, with what ended it when it was not asked to. */
  readonly ended: Promise<unknown>;
  send(message: ToWorker): void;
}

/** The thread could not open the file. */
export class ThreadRefused extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.why);
    this.name = 'ThreadRefused';
    this.failure = failure;
  }
}

/**
 * Starts a thread and has it open the file.
 *
 * @param now the log's clock, ms
 * @param receive what it says once it is open
 */
export function startThread(
  settings: WorkerSettings,
  now: number,
  receive: (message: FromWorker) => void,
): Thread {
  const worker = new Worker(workerUrl(), {
    name: `log ${settings.role}`,
    workerData: settings,
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 },
  });
  const opened = Promise.withResolvers<Opened>();
  const ended = Promise.withResolvers<unknown>();
  opened.promise.catch(() => {}); // whoever started it asks; a restart may not
  let cause: unknown = null;
  worker.on('message', (message: FromWorker) => {
    if (message.kind === 'open') opened.resolve(message);
    else if (message.kind === 'refused') opened.reject(new ThreadRefused(message.failure));
    else receive(message);
  });
  worker.on('error', (error) => {
    cause = error;
  });
  worker.on('exit', () => {
    const hint = 'Look at the cause; the file itself was not touched';
    opened.reject(new ThreadRefused({ code: 'log_unavailable', why: messageOf(cause ?? 'it ended'), hint }));
    ended.resolve(cause);
  });
  worker.postMessage({ kind: 'open', now } satisfies ToWorker);
  return {
    opened: opened.promise,
    ended: ended.promise,
    send: (message) => worker.postMessage(message),
  };
}

/** The compiled package holds the same file as JavaScript. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
}
