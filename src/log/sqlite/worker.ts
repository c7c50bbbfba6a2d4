import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { blobFiles } from '../blobs/files.ts';
import { walReport } from '../integrity/wal.ts';
import { cutShort } from './cut-short.ts';
import { createEraser } from './eraser.ts';
import { failureOf, LogDamaged } from './failure.ts';
import { createGroups } from './groups.ts';
import { createLanes } from './lanes.ts';
import { lockLog } from './lock.ts';
import type { Answers, Call, FromWorker, ToWorker, WorkerSettings } from './messages.ts';
import { createReader } from './reader.ts';
import { prepareDatabase, prepareReading } from './schema.ts';
import { createStreams } from './streams.ts';
import { createSweep } from './sweep.ts';
import { createUsage } from './usage.ts';
import { createWriter } from './writer.ts';

/** Milliseconds after a step of erasing until its traces are removed, unless another step comes. */
const SETTLE_MS = 250;

/** A thread with the database open: it may block on an fsync, the event loop of the office may not. */
interface Served {
  readonly head: number;
  readonly migrated: number | null;
  readonly warning: string | null;
  /** Answers a group of appends; the reading thread is never sent any. */
  readonly append?: (message: ToWorker & { kind: 'append' }) => FromWorker;
  readonly answer: (call: Call) => Answers[Call['kind']];
  /** Work for idle moments; false when there is none left. */
  readonly warm?: () => boolean;
  readonly close: () => void;
}

function serveWriting(settings: WorkerSettings, now: number): Served {
  const unlock = lockLog(settings.file, process.pid);
  try {
    return serveLocked(settings, now, unlock);
  } catch (error) {
    unlock(); // what could not be opened may be repaired at once, also by this process
    throw error;
  }
}

function serveLocked({ file, blobs: directory }: WorkerSettings, now: number, unlock: () => void): Served {
  // SQLite would go on without what it cannot read of it, and give its positions to other events.
  const wal = walReport(`${file}-wal`);
  if (wal.lost) throw new LogDamaged(String(wal.why));
  const gone = cutShort(file);
  if (gone !== null) throw new LogDamaged(gone);
  const db = new DatabaseSync(file, { timeout: 5000 });
  chmodSync(file, 0o600); // its -wal and -shm files are made with the same mode
  const migrated = prepareDatabase(db, now);
  const blobs = blobFiles(directory);
  const parts = { db, streams: createStreams(db), lanes: createLanes(db), groups: createGroups(db), blobs };
  const writer = createWriter({ ...parts, hasBlob: blobs.has });
  const eraser = createEraser(parts);
  let settling: NodeJS.Timeout | undefined;
  const usage = createUsage(parts, file);
  const sweep = createSweep(db, blobs);
  return {
    head: writer.head,
    migrated,
    warning: wal.why,
    append: ({ rows, at }) => ({ kind: 'committed', outcomes: writer.append(rows, at) }),
    answer(call) {
      if (call.kind === 'erase') {
        // Whoever erases by steps may stop before the last one: what is left to do is done when no other step comes.
        clearTimeout(settling);
        settling = setTimeout(() => attempt(eraser.settle), SETTLE_MS);
        return eraser.step(call.query, writer.head);
      }
      if (call.kind === 'usage') return usage(writer.head);
      if (call.kind === 'sweep') return sweep(call.blobs, call.storedBefore);
      throw new Error('pages are read by the other thread');
    },
    close() {
      clearTimeout(settling);
      attempt(eraser.settle);
      db.close();
      unlock();
    },
  };
}

/** What fails here is done again by the next checkpoint, or by the next start. */
function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // A full disk, say: the appends tell of it.
  }
}

function serveReading({ file }: WorkerSettings): Served {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  prepareReading(db);
  const reader = createReader(db);
  const checkpoints = new DatabaseSync(file, { timeout: 0 });
  const checkpoint = checkpoints.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  return {
    head: 0,
    migrated: null,
    warning: null,
    answer(call) {
      if (call.kind === 'read') return reader.page(call.query);
      if (call.kind === 'checkpoint') {
        checkpoint.get();
        return undefined;
      }
      throw new Error('this thread only reads');
    },
    warm: reader.warm,
    close() {
      checkpoints.close();
      db.close();
    },
  };
}

if (parentPort !== null) {
  const port = parentPort;
  const settings = workerData as WorkerSettings;
  const say = (message: FromWorker) => port.postMessage(message);
  let served: Served | null = null;

  /** Between two messages, until everything is there. */
  const warm = () => {
    if (served?.warm?.()) setImmediate(warm);
  };
  const open = (now: number) => {
    try {
      served = settings.role === 'writer' ? serveWriting(settings, now) : serveReading(settings);
      const { head, migrated, warning } = served;
      say({ kind: 'open', head, migrated, warning });
      setImmediate(warm);
    } catch (error) {
      say({ kind: 'refused', failure: failureOf(error) });
      port.close();
    }
  };
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'open') open(message.now);
    else if (message.kind === 'append') {
      try {
        if (served?.append) say(served.append(message));
      } catch (error) {
        say({ kind: 'not_committed', failure: failureOf(error) });
      }
    } else if (message.kind === 'call') {
      const { ticket, call } = message;
      try {
        if (served) say({ kind: 'answer', ticket, answer: served.answer(call) });
      } catch (error) {
        say({ kind: 'no_answer', ticket, failure: failureOf(error) });
      }
    } else {
      served?.close();
      served = null;
      say({ kind: 'closed' });
      port.close();
    }
  });
}
