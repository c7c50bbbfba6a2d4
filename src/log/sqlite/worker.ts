import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { LogHeld, lockLog } from './lock.ts';
import type { Failure, FromWorker, ToWorker } from './messages.ts';
import { createReader } from './reader.ts';
import { prepareDatabase } from './schema.ts';
import { createStreams } from './streams.ts';
import { createWriter } from './writer.ts';

/** The thread that owns the database: it may block on an fsync, the event loop of the office may not. */
function serve(file: string, say: (message: FromWorker) => void): (message: ToWorker) => void {
  const unlock = lockLog(file, process.pid);
  const db = new DatabaseSync(file, { timeout: 5000 });
  chmodSync(file, 0o600); // its -wal and -shm files are made with the same mode
  prepareDatabase(db);
  const streams = createStreams(db);
  const writer = createWriter(db, streams);
  const readPage = createReader(db, streams);
  say({ kind: 'open', head: writer.head });

  return (message) => {
    if (message.kind === 'append') {
      try {
        say({ kind: 'committed', outcomes: writer.append(message.rows) });
      } catch (error) {
        say({ kind: 'not_committed', failure: failureOf(error) });
      }
    } else if (message.kind === 'read') {
      const { ticket, query } = message;
      try {
        say({ kind: 'page', ticket, page: readPage(query, writer.head) });
      } catch (error) {
        say({ kind: 'no_page', ticket, failure: failureOf(error) });
      }
    } else {
      db.close();
      unlock();
      say({ kind: 'closed' });
      parentPort?.close();
    }
  };
}

function failureOf(error: unknown): Failure {
  if (error instanceof LogHeld) {
    return {
      code: 'log_in_use',
      why: `process ${error.pid ?? '(unknown)'} has it open`,
      hint: 'Stop that office with `tabbify down`, or use another home with --home',
    };
  }
  const { message, errcode = 0 } = error as Error & { errcode?: number };
  const full = errcode % 256 === 13; // SQLITE_FULL
  return {
    code: 'log_unavailable',
    why: full ? 'the disk is full' : message,
    hint: full
      ? 'Free some disk space, then try again; reading goes on meanwhile'
      : 'Check the disk and the file, then try again; an append may be repeated with the same id',
  };
}

if (parentPort !== null) {
  const port = parentPort;
  const say = (message: FromWorker) => port.postMessage(message);
  try {
    port.on('message', serve(String(workerData.file), say));
  } catch (error) {
    say({ kind: 'refused', failure: failureOf(error) });
    port.close();
  }
}
