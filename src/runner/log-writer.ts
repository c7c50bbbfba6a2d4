import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { createLogBudget, type LogBudget } from './log-budget.ts';
import { formatLogLine, type LogOrigin } from './log-line.ts';
import { LOG_LIMIT_BYTES, rotateLog } from './log-rotation.ts';

/** Milliseconds after which it is told how much was dropped since it was told last. */
const TELL_DROPPED_MS = 1_000;

export interface LogWriterOptions {
  /** Descriptor of the log, opened for appending. */
  readonly fd: number;
  /** Path of the same file, for the copy that rotation leaves behind. */
  readonly path: string;
  readonly generation: number;
  readonly limitBytes?: number;
  readonly budget?: LogBudget;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Lines that did not get into the log. */
interface Missing {
  lines: number;
  bytes: number;
  readonly since: number;
}

/**
 * Writes the app's log, one JSON object per line, at once: what was printed before a `kill -9` is in the file.
 *
 * What an app prints beyond its budget is dropped, and so is what a full disk does not take; the log then says how many
 * lines are missing. The platform's own lines have no budget.
 */
export function createLogWriter(options: LogWriterOptions): (origin: LogOrigin, line: string) => void {
  const { fd, path, generation, limitBytes = LOG_LIMIT_BYTES, now = Date.now } = options;
  const budget = options.budget ?? createLogBudget();
  let sinceCheck = Number.POSITIVE_INFINITY; // the file may be full already
  let midLine = endsMidLine(path); // a writer was killed, or the engine printed its last words
  let dropped: Missing | null = null;
  let lost: (Missing & { why: string }) | null = null;

  const textOf = (origin: LogOrigin, line: string, at: number): string =>
    formatLogLine({ time: new Date(at).toISOString(), origin, line, generation });

  /** @throws when the disk takes nothing, or a part only: the rest of such a line is lost */
  function append(text: string): void {
    const bytes = Buffer.from(midLine ? `\n${text}` : text);
    const written = writeSync(fd, bytes);
    midLine = written < bytes.length && (written > 0 || midLine);
    // where the newline alone is missing the line is there: the next one begins with it
    if (written < bytes.length - 1) throw new Error('the disk took only a part of a line');
  }

  function write(text: string, at: number): boolean {
    try {
      sinceCheck += text.length;
      if (sinceCheck > limitBytes / 64) {
        sinceCheck = 0;
        const outcome = fstatSync(fd).size >= limitBytes ? rotateLog(fd, path, limitBytes) : 'left';
        if (outcome !== 'left') midLine = false; // the file begins anew
        if (outcome === 'emptied') {
          append(textOf('platform', 'the disk is full: older lines of this log were let go', at));
        }
      }
      append(text);
      return true;
    } catch (error) {
      // A full disk must not take the app down; it is told once there is room again.
      const why = error instanceof Error ? error.message : String(error);
      lost ??= { lines: 0, bytes: 0, since: at, why };
      lost.lines += 1;
      lost.bytes += text.length;
      return false;
    }
  }

  function tellMissing(at: number): void {
    if (dropped !== null && at - dropped.since >= TELL_DROPPED_MS) {
      const { lines, bytes } = dropped;
      dropped = null;
      const told = `${lines} ${lines === 1 ? 'line was' : 'lines were'} dropped (${bytes} bytes): the app wrote more than its log takes`;
      write(textOf('platform', told, at), at);
    }
    if (lost !== null) {
      const { lines, why } = lost;
      const before = lost;
      lost = null;
      const told = `${lines} ${lines === 1 ? 'line was' : 'lines were'} lost: ${why}`;
      if (!write(textOf('platform', told, at), at)) lost = before;
    }
  }

  return (origin, line) => {
    const at = now();
    if (dropped !== null || lost !== null) tellMissing(at);
    const text = textOf(origin, line, at);
    if (origin === 'platform' || budget.take(text.length, at)) {
      write(text, at);
      return;
    }
    if (dropped === null) {
      dropped = { lines: 0, bytes: 0, since: at };
      setTimeout(() => tellMissing(now()), TELL_DROPPED_MS + 100).unref(); // also when it falls silent now
    }
    dropped.lines += 1;
    dropped.bytes += text.length;
  };
}

/** Is the last byte of the file something else than a newline? */
function endsMidLine(path: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return false;
  }
  try {
    const { size } = fstatSync(fd);
    const last = Buffer.alloc(1);
    return size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
  } catch {
    return false;
  } finally {
    closeSync(fd);
  }
}
