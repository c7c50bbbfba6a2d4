import { type LogLine, parseLogLine } from '../runner/index.ts';
import { closeLogFiles, type LogFile, openLogFiles } from './log-files.ts';
import { type LogFilter, matches } from './log-filter.ts';

/** Bytes read at a time, backwards: between two of them others have their turn. */
const CHUNK_BYTES = 64 * 1024;
/** Bytes of lines gathered at most: ten thousand of the longest would be 160 MB. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Lines of two runners may stand this much out of order (milliseconds). */
const DISORDER_MS = 5_000;
/** A rotation while a log is read makes it begin anew; a second one within milliseconds does not happen. */
const TRIES = 3;
/** Bounds of what goes into an event, whose envelope holds 64 KiB (CONTRACTS §6). */
const EVENT_LINES = 20;
const EVENT_LINE_LENGTH = 400;

const ALL: LogFilter = { since: null, until: null, origins: [], text: '' };

/** A place in a log that is still known when a rotation has moved it. */
export interface LogPlace {
  /** First bytes of the file; none of a log that is empty. */
  readonly head: Buffer;
  readonly offset: number;
}

/** The end of a log, and where it was: following goes on there without a gap. */
export interface LogTail {
  readonly lines: readonly LogLine[];
  readonly end: LogPlace;
}

/** The last lines that match, oldest first, over all files of a log. Reads backwards, no more than it takes. */
export async function tailLog(path: string, count: number, filter: LogFilter = ALL): Promise<LogTail> {
  for (let left = TRIES; ; left--) {
    const files = await openLogFiles(path);
    try {
      const lines = await lastLines(files, count, filter);
      const [newest] = files;
      const end = { head: newest?.head ?? Buffer.alloc(0), offset: newest?.size ?? 0 };
      if (lines !== null || left === 1) return { lines: (lines ?? []).reverse(), end };
    } finally {
      await closeLogFiles(files);
    }
  }
}

/**
 * What a failed runner said last, short enough for an event.
 *
 * @param generation the runner's: during a swap the log holds lines of two
 */
export async function lastWords(path: string, generation: number): Promise<string[]> {
  const { lines } = await tailLog(path, EVENT_LINES * 10);
  return lines
    .filter((line) => line.generation === generation || line.generation === null)
    .slice(-EVENT_LINES)
    .map((line) => line.line.slice(0, EVENT_LINE_LENGTH));
}

/** One line as a person reads it. */
export function formatForReading(line: LogLine): string {
  return line.time === '' ? `${line.line}\n` : `${line.time} ${line.origin} ${line.line}\n`;
}

/** Newest first; null when the log was rotated under us. */
async function lastLines(files: readonly LogFile[], count: number, filter: LogFilter) {
  const found: LogLine[] = [];
  let bytes = 0;
  for (const file of files) {
    for await (const text of linesBackwards(file)) {
      if (text === null) return null;
      if (found.length >= count || bytes > MAX_BYTES) return found;
      const line = parseLogLine(text);
      if (isBefore(line, filter.since)) return found;
      if (!matches(line, filter)) continue;
      found.push(line);
      bytes += text.length;
    }
  }
  return found;
}

function isBefore(line: LogLine, since: number | null): boolean {
  return since !== null && line.time !== '' && Date.parse(line.time) < since - DISORDER_MS;
}

/** Lines of a file, the last one first; null when it has become shorter meanwhile. */
async function* linesBackwards(file: LogFile): AsyncGenerator<string | null> {
  /** Parts of a line whose beginning is not read yet, the last part first. */
  let rest: Buffer[] = [];
  for (let end = file.size; end > 0; ) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const chunk = await file.read(start, end - start);
    if (chunk.length < end - start) return yield null;
    let lineEnd = chunk.length;
    for (let at = chunk.lastIndexOf(0x0a); at >= 0; at = at === 0 ? -1 : chunk.lastIndexOf(0x0a, at - 1)) {
      rest.push(chunk.subarray(at + 1, lineEnd));
      yield* lineOf(rest);
      rest = [];
      lineEnd = at;
    }
    rest.push(chunk.subarray(0, lineEnd));
    end = start;
  }
  yield* lineOf(rest);
}

function* lineOf(parts: readonly Buffer[]): Generator<string> {
  const text = Buffer.concat(parts.toReversed()).toString('utf8');
  if (text !== '') yield text;
}
