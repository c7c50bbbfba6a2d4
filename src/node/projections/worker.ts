import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { discardProjectionDatabase, openProjectionDatabase, type ProjectionDatabase } from './database.ts';
import type { Answer, FromProjections, Question, ToProjections } from './messages.ts';
import { PROJECTIONS } from './registry.ts';

/** Of this thread alone (setpriority(2) on Linux takes 0 for the calling thread): visitors and writers go first. */
const NICENESS = 10;
setPriority(NICENESS);

/** The thread that owns the projections' file. */
const file = String(workerData.file);
let db: ProjectionDatabase | null = null;
let stepping = false;

const say = (message: FromProjections) => parentPort?.postMessage(message);

function answerTo(question: Question): Answer {
  if (question.kind === 'open') {
    db ??= openProjectionDatabase(file, PROJECTIONS);
    finishLater();
    return { kind: 'standing', standing: db.standing() };
  }
  if (question.kind === 'close' || question.kind === 'discard') {
    shut();
    if (question.kind === 'discard') discardProjectionDatabase(file);
    return { kind: 'done' };
  }
  if (db === null) return { kind: 'failed', damaged: false, full: false, why: 'it is not open' };
  if (question.kind === 'apply') {
    db.apply(question.events, question.through, (position, why) => say({ kind: 'skipped', position, why }));
    finishLater();
    return { kind: 'standing', standing: db.standing() };
  }
  if (question.kind === 'search') return { kind: 'found', answer: db.search(question.query) };
  const { app, before, limit } = question;
  return { kind: 'dead_letters', rows: db.deadLetters(app, before, limit) };
}

/** Work that was put off, step by step between the questions. */
function finishLater(): void {
  if (db?.unfinished !== true || stepping) return;
  stepping = true;
  setImmediate(() => {
    stepping = false;
    try {
      db?.step();
    } catch {
      shut(); // the next question is told that it is not open, and opens it: the work is still written down there
      return;
    }
    if (db?.unfinished === false) say({ kind: 'finished' });
    finishLater();
  });
}

function shut(): void {
  try {
    db?.close();
  } catch {
    // nothing is lost with it
  }
  db = null;
}

function failureOf(error: unknown): Answer {
  const { message, errcode = 0, code } = error as Error & { errcode?: number; code?: string };
  const primary = errcode % 256; // https://www.sqlite.org/rescode.html
  return {
    kind: 'failed',
    damaged: primary === 11 || primary === 26, // SQLITE_CORRUPT, SQLITE_NOTADB
    full: primary === 13 || code === 'ENOSPC', // SQLITE_FULL
    why: message,
  };
}

parentPort?.on('message', ({ ticket, ...question }: ToProjections) => {
  try {
    say({ ...answerTo(question), ticket });
  } catch (error) {
    shut();
    say({ ...failureOf(error), ticket });
  }
});
