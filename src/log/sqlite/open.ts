import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Clock, type Logger, silentLogger, syncDirectory, systemClock } from '../../kit/index.ts';
import { createBlobStore } from '../blobs/store.ts';
import { sweepBlobs } from '../blobs/sweep.ts';
import { prepareDraft } from '../envelope-schema.ts';
import { logClosed, logError } from '../errors.ts';
import { checkErase, checkExpectation, checkQuery, refuseSealing } from '../filter.ts';
import { follow } from '../follow.ts';
import type { AppendResult, EventPage, KeptLog, ReadQuery } from '../log-store.ts';
import { createTail } from '../tail.ts';
import { iterate } from '../watch.ts';
import { createCalls } from './calls.ts';
import { createCheckpoints } from './checkpoints.ts';
import { createGroupCommit } from './group-commit.ts';
import { keepThread, type ThreadHooks } from './kept-thread.ts';
import type { AppendRow, Failure, FromWorker } from './messages.ts';
import { type Opened, ThreadRefused } from './thread.ts';

/** Figures since the log was opened. */
export interface SqliteLogStats {
  /** Events made durable. */
  readonly appended: number;
  /** Transactions, which is fsyncs of the write-ahead log. */
  readonly commits: number;
  /** Subscriptions that wait at the head now. */
  readonly waiting: number;
}

export interface SqliteLog extends KeptLog {
  stats(): SqliteLogStats;
  /** Removes blobs that no event names and that were stored more than a day ago. @returns how many, and their bytes */
  sweepBlobs(): Promise<{ readonly removed: number; readonly bytes: number }>;
}

export interface SqliteLogOptions {
  /** The database; `-wal`, `-shm` and `.lock` files stand beside it. Its directory is made if it is missing. */
  readonly file: string;
  /** Folder of the blobs; default `blobs` beside the file. */
  readonly blobs?: string;
  readonly logger?: Logger;
  /** When an event was taken in, for `since`, `until` and retention; one that steps back is not believed. */
  readonly clock?: Clock;
}

/**
 * Opens the log kept in one SQLite file, by two threads of its own. All appends that arrive while an fsync runs share
 * the next one; pages are read beside it. A file of an older format is brought to this one.
 *
 * @throws TabbifyError `log_in_use` naming the process that has it open, `log_unavailable` when the file cannot be
 *   opened or was written by a newer version
 */
export async function openSqliteLog(options: SqliteLogOptions): Promise<SqliteLog> {
  const { file, logger = silentLogger(), clock = systemClock } = options;
  const directory = options.blobs ?? join(dirname(file), 'blobs');
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const blobs = createBlobStore(directory);
  let state: 'open' | 'closing' | 'closed' = 'open';

  let underWay: readonly AppendRow[] = [];
  const group = createGroupCommit(
    (rows) => {
      writer.send({ kind: 'append', rows, at: clock.now() });
      underWay = rows;
    },
    (events) => tail.publish(events),
  );
  const writerCalls = createCalls((ticket, call) => writer.send({ kind: 'call', ticket, call }));
  const pages = createCalls((ticket, call) => reader.send({ kind: 'call', ticket, call }));
  // What fails here (a full disk, say) is done by a later one; appends tell of it.
  const checkpoints = createCheckpoints(() => pages.ask({ kind: 'checkpoint' }).catch(() => {}));

  const receive = (message: FromWorker, calls: typeof pages) => {
    if (message.kind === 'committed') {
      checkpoints.note(underWay); // now that they stand in the write-ahead log
      group.committed(message.outcomes);
    } else if (message.kind === 'answer') calls.answer(message.ticket, message.answer);
    else if (message.kind === 'no_answer') calls.refuse(message.ticket, message.failure);
    else if (message.kind === 'not_committed') {
      logger.error({ why: message.failure.why }, 'events could not be made durable');
      group.refused(message.failure);
    }
  };
  const readPage = async (query: ReadQuery): Promise<EventPage> => {
    const { text, next, head, damaged } = await pages.ask({ kind: 'read', query: checkQuery(query) });
    if (damaged.length > 0) logger.error({ positions: damaged }, 'events are damaged on disk');
    return { events: JSON.parse(text), next, head, damaged };
  };
  /** What the dead thread had made durable without telling. */
  const catchUp = async ({ head }: Opened) => {
    await group.idle();
    while (tail.head < head) {
      if (!reader.open) throw new Error('its pages cannot be read now');
      const { events } = await readPage({ after: tail.head, limit: 1000 });
      tail.publish(events.map((event) => ({ event, text: JSON.stringify(event) })));
      if (events.length === 0) throw new Error('what was written last cannot be read');
    }
  };
  const hooks = { now: () => clock.now(), logger, gaveUp: () => stop() };
  const writerHooks: ThreadHooks = {
    ...hooks,
    receive: (message) => receive(message, writerCalls),
    again: catchUp,
    lost(failure) {
      group.fail(failure);
      writerCalls.fail(failure);
    },
  };
  const readerHooks: ThreadHooks = {
    ...hooks,
    receive: (message) => receive(message, pages),
    again: async () => {},
    lost: (failure) => pages.fail(failure),
  };
  const [writer, { head, migrated, warning }] = await keepThread(
    { file, blobs: directory, role: 'writer' },
    writerHooks,
  ).catch((error: unknown) => {
    throw cannotOpen(file, error);
  });
  if (migrated !== null)
    logger.info({ events: migrated }, 'the log was brought to the format of this version');
  if (warning !== null) logger.warn({ warning }, 'the log ended without its last commit');
  const tail = createTail(head);
  const [reader] = await keepThread({ file, blobs: directory, role: 'reader' }, readerHooks).catch(
    async (error: unknown) => {
      await writer.close();
      throw cannotOpen(file, error);
    },
  );
  await syncDirectory(dirname(file));

  /** Nothing can be asked any more. */
  const stop = () => {
    const failure: Failure = { code: 'log_unavailable', why: 'it is closed', hint: 'Start the office again' };
    state = 'closed';
    group.fail(failure);
    writerCalls.fail(failure);
    pages.fail(failure);
    tail.close();
  };
  const check = (thread: { readonly open: boolean }) => {
    if (state !== 'open') throw logClosed();
    if (!thread.open) throw reopening();
  };
  const read = async (query: ReadQuery): Promise<EventPage> => {
    checkQuery(query);
    check(reader);
    return readPage(query);
  };
  const askWriter: typeof writerCalls.ask = async (call) => {
    check(writer);
    return writerCalls.ask(call);
  };

  return {
    async append(draft, options): Promise<AppendResult> {
      const prepared = prepareDraft(draft);
      const expected = checkExpectation(options);
      refuseSealing(options);
      check(writer);
      return group.append(prepared, expected);
    },
    read,
    subscribe(query, signal) {
      checkQuery({ ...query, limit: 1 });
      return iterate((arrived) => follow(read, tail, query, signal, arrived));
    },
    watch(query, signal, arrived) {
      checkQuery({ ...query, limit: 1 });
      return follow(read, tail, query, signal, arrived);
    },
    async head() {
      check(reader);
      return tail.head;
    },
    async putBlob(tenant, bytes, mediatype) {
      if (state !== 'open') throw logClosed();
      return blobs.put(tenant, bytes, mediatype);
    },
    async readBlob(tenant, digest) {
      if (state !== 'open') throw logClosed();
      return blobs.read(tenant, digest);
    },
    async erase(query) {
      const checked = checkErase(query);
      const { blobBytes, ...result } = await askWriter({ kind: 'erase', query: checked });
      if (result.erased > 0) tail.forget(result.through);
      blobs.removed(blobBytes);
      return result;
    },
    async usage() {
      const [usage, blobBytes] = await Promise.all([askWriter({ kind: 'usage' }), blobs.usage()]);
      const { events, bytes, oldest } = usage.traffic;
      return {
        head: usage.head,
        file: usage.file,
        free: usage.free,
        blobs: blobBytes,
        traffic: { events, bytes, oldest: oldest === null ? null : new Date(oldest).toISOString() },
      };
    },
    sweepBlobs: () => sweepBlobs(blobs, (call) => askWriter(call), clock.now()),
    stats: () => ({ ...group.stats(), waiting: tail.waiting }),
    async close() {
      if (state === 'open') {
        state = 'closing';
        tail.close();
        await group.idle();
      }
      // The writer last: its close empties the write-ahead log.
      await reader.close();
      await writer.close();
      stop();
    },
  };
}

function cannotOpen(file: string, error: unknown): unknown {
  if (!(error instanceof ThreadRefused)) return error;
  const { code, why, hint } = error.failure;
  return logError(code, { what: `The log ${file} cannot be opened`, why, hint });
}

function reopening() {
  return logError('log_unavailable', {
    what: 'The log did not answer',
    why: 'its thread died and is being started again',
    hint: 'Try again in a moment; an append may be repeated with the same id',
  });
}
