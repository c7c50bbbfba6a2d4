import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Logger, messageOf, silentLogger, syncDirectory } from '../../kit/index.ts';
import { prepareDraft } from '../envelope-schema.ts';
import { logClosed, logError } from '../errors.ts';
import { checkExpectation, checkQuery } from '../filter.ts';
import { follow } from '../follow.ts';
import type { AppendResult, EventPage, LogStore, ReadQuery } from '../log-store.ts';
import { createTail } from '../tail.ts';
import { createGroupCommit } from './group-commit.ts';
import type { Failure, FromWorker } from './messages.ts';
import { createPageReads } from './page-reads.ts';

/** Figures since the log was opened. */
export interface SqliteLogStats {
  /** Events made durable. */
  readonly appended: number;
  /** Transactions, which is fsyncs of the write-ahead log. */
  readonly commits: number;
  /** Subscriptions that wait at the head now. */
  readonly waiting: number;
}

export interface SqliteLog extends LogStore {
  stats(): SqliteLogStats;
}

export interface SqliteLogOptions {
  /** The database; `-wal`, `-shm` and `.lock` files stand beside it. Its directory is made if it is missing. */
  readonly file: string;
  readonly logger?: Logger;
}

/**
 * Opens the log kept in one SQLite file, by a thread of its own. All appends that arrive while an fsync runs share
 * the next one.
 *
 * @throws TabbifyError `log_in_use` naming the process that has it open, `log_unavailable` when the file cannot be
 *   opened or was written by a newer version
 */
export async function openSqliteLog({ file, logger = silentLogger() }: SqliteLogOptions): Promise<SqliteLog> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const worker = new Worker(workerUrl(), {
    name: 'log',
    workerData: { file },
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 },
  });
  const head = await opened(worker, file);

  const tail = createTail(head);
  const group = createGroupCommit((rows) => worker.postMessage({ kind: 'append', rows }), tail.publish);
  const pages = createPageReads((ticket, query) => worker.postMessage({ kind: 'read', ticket, query }));
  let state: 'open' | 'closing' | 'closed' = 'open';
  const gone = Promise.withResolvers<void>();

  const stop = (why: string) => {
    const failure: Failure = { code: 'log_unavailable', why, hint: 'Start the office again' };
    state = 'closed';
    group.fail(failure);
    pages.fail(failure);
    tail.close();
    gone.resolve();
  };
  worker.on('message', (message: FromWorker) => {
    if (message.kind === 'committed') group.committed(message.outcomes);
    else if (message.kind === 'page') pages.answer(message.ticket, message.page);
    else if (message.kind === 'no_page') pages.refuse(message.ticket, message.failure);
    else if (message.kind === 'not_committed') {
      logger.error({ why: message.failure.why }, 'events could not be made durable');
      group.refused(message.failure);
    }
  });
  worker.on('error', (error) => logger.fatal({ err: error }, 'the thread of the log failed'));
  worker.on('exit', () => {
    if (state === 'open') logger.fatal('the thread of the log ended');
    stop(state === 'open' ? 'its thread ended' : 'it is closed');
  });

  const read = async (query: ReadQuery): Promise<EventPage> => {
    const checked = checkQuery(query);
    if (state !== 'open') throw logClosed();
    const page = await pages.read(checked);
    return { events: JSON.parse(page.text), next: page.next, head: page.head };
  };

  await syncDirectory(dirname(file));
  return {
    async append(draft, options): Promise<AppendResult> {
      const prepared = prepareDraft(draft);
      const expected = checkExpectation(options);
      if (state !== 'open') throw logClosed();
      return group.append(prepared, expected);
    },
    read,
    subscribe(query, signal) {
      checkQuery({ ...query, limit: 1 });
      return follow(read, tail, query, signal);
    },
    async head() {
      return (await read({ limit: 1, after: Number.MAX_SAFE_INTEGER })).head;
    },
    stats: () => ({ ...group.stats(), waiting: tail.waiting }),
    async close() {
      if (state === 'open') {
        state = 'closing';
        tail.close();
        await group.idle();
        worker.postMessage({ kind: 'close' });
      }
      await gone.promise;
    },
  };
}

/** Waits until the worker has the file; answers the position of the last event. */
async function opened(worker: Worker, file: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<FromWorker>();
  worker.once('message', resolve);
  worker.once('error', reject);
  const message = await promise.catch((cause: unknown): FromWorker => {
    const hint = 'Look at the cause; the file itself was not touched';
    return { kind: 'refused', failure: { code: 'log_unavailable', why: messageOf(cause), hint } };
  });
  worker.off('message', resolve).off('error', reject);
  if (message.kind === 'open') return message.head;
  const failure = message.kind === 'refused' ? message.failure : null;
  throw logError(failure?.code ?? 'log_unavailable', {
    what: `The log ${file} cannot be opened`,
    ...(failure && { why: failure.why, hint: failure.hint }),
  });
}

/** The compiled package holds the same file as JavaScript. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
}
