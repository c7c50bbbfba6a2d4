import type { TabbifyError } from '../../kit/index.ts';
import { timedOut, unavailable } from '../errors.ts';
import { fromWire } from './protocol.ts';
import { type FromSql, sharedNow } from './sql-protocol.ts';
import { type SqlProcess, startSql } from './start-sql.ts';

/** Milliseconds after its deadline at which a statement is ended: one that was just about to be kept has said so by then. */
const MARGIN_MS = 100;
/** Milliseconds that keeping a change may take beyond the deadline: a disk that hangs. */
const COMMIT_MS = 30_000;
/** Milliseconds for the process to open its file: a log that a killed one left is read through first. */
const OPEN_MS = 20_000;
/** Requests that wait for their turn. */
const MAX_WAITING = 1024;

/** A request that waits for its turn, or has it. */
export interface SqlJob {
  readonly body: Uint8Array;
  done(text: Uint8Array): void;
  failed(error: TabbifyError): void;
  /** It was not begun. */
  again(): void;
}

export interface SqlLane {
  add(job: SqlJob): void;
  /** Nothing waits or is under way. */
  isIdle(): boolean;
  /** Pages of the file, as last heard. */
  pages(): number;
  /** Has space given back if there is nothing else to do. */
  tidy(): void;
}

/**
 * Runs SQL in a process of its own, one request at a time. Nothing stops SQLite in the middle of a statement but the end of its
 * process: what passes its deadline is killed with it, and the next request gets another.
 *
 * @param pages of the file as it is now
 * @param maxPages pages that the file may have at the moment
 * @param queryMs milliseconds that a request may take once it has begun
 */
export function createSqlLane(options: {
  readonly program: string;
  readonly path: string;
  readonly pages: number;
  readonly maxPages: () => number;
  readonly queryMs: number;
}): SqlLane {
  const waiting: SqlJob[] = [];
  let job: SqlJob | null = null;
  let running: SqlProcess | null = null;
  let isOpen = false;
  let isTidying = false;
  let isCommitting = false;
  let timer: NodeJS.Timeout | undefined;
  let { pages } = options;

  function start(): void {
    isOpen = false;
    isTidying = false;
    const started: SqlProcess = startSql({
      program: options.program,
      path: options.path,
      hear: (message, body) => {
        if (started === running) hear(message, body);
      },
      gone: (why) => {
        if (started === running) lose(why);
      },
    });
    running = started;
    timer = setTimeout(() => end(unavailable('its file could not be opened in time')), OPEN_MS);
  }

  function next(): void {
    if (job !== null || waiting.length === 0 || isTidying) return;
    if (running === null) start();
    if (!isOpen || running === null) return;
    job = waiting.shift() ?? null;
    if (job === null) return;
    isCommitting = false;
    running.send(
      { do: 'run', max_pages: options.maxPages(), deadline: sharedNow() + options.queryMs },
      job.body,
    );
    timer = setTimeout(expire, options.queryMs + MARGIN_MS);
  }

  function hear(message: FromSql, body: Uint8Array): void {
    switch (message.said) {
      case 'committing':
        isCommitting = true;
        return;
      case 'failed':
        end(fromWire(message.error));
        return;
      case 'open':
        isOpen = true;
        break;
      case 'tidied':
        isTidying = false;
        break;
      default: {
        const done = job;
        job = null;
        if (message.said === 'done') done?.done(body);
        else done?.failed(fromWire(message.error));
      }
    }
    clearTimeout(timer);
    pages = message.pages;
    next();
  }

  /** This process may have been held up itself: what has been said meanwhile is read first. */
  function expire(): void {
    const late = job;
    setImmediate(() =>
      setImmediate(() => {
        if (job !== late || job === null) return;
        if (!isCommitting) return end(timedOut());
        timer = setTimeout(() => end(unavailable('the disk did not take a change in time')), COMMIT_MS);
      }),
    );
  }

  /** Ends the process, and tells whoever it worked for; when it never got to anybody, all that wait. */
  function end(why: TabbifyError): void {
    clearTimeout(timer);
    running?.kill();
    running = null;
    const told = job === null && !isOpen ? waiting.splice(0) : [job];
    job = null;
    for (const each of told) each?.failed(why);
    next();
  }

  function lose(why: string): void {
    end(unavailable(why));
  }

  return {
    add(each) {
      if (waiting.length >= MAX_WAITING) {
        each.failed(unavailable('too many statements wait for their turn'));
        return;
      }
      waiting.push(each);
      next();
    },
    isIdle: () => job === null && waiting.length === 0,
    pages: () => pages,
    tidy() {
      if (job !== null || running === null || !isOpen || isTidying) return;
      isTidying = true;
      running.send({ do: 'tidy' });
    },
  };
}
