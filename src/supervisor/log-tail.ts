import { open } from 'node:fs/promises';
import { type LogLine, parseLogLine } from '../runner/index.ts';

/** Bytes read from the end of a log; the lines wanted lie within, or are cut. */
const TAIL_BYTES = 512 * 1024;
/** Bounds of what goes into an event, whose envelope holds 64 KiB (CONTRACTS §6). */
const EVENT_LINES = 20;
const EVENT_LINE_LENGTH = 400;

/** The end of a log, and where it was: following goes on there without a gap. */
export interface LogTail {
  readonly lines: readonly LogLine[];
  /** Offset in bytes behind the last line. */
  readonly end: number;
}

/** The last lines of an app's log, oldest first, the rotated file included. */
export async function tailLog(path: string, lines: number): Promise<LogTail> {
  const current = await readTail(path);
  const older = current.lines.length < lines ? (await readTail(`${path}.1`)).lines : [];
  const all = [...older, ...current.lines];
  return { lines: all.slice(Math.max(0, all.length - lines)).map(parseLogLine), end: current.end };
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

async function readTail(path: string): Promise<{ readonly lines: readonly string[]; readonly end: number }> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return { lines: [], end: 0 };
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    const text = buffer.toString('utf8', 0, bytesRead);
    const lines = text.split('\n').slice(start > 0 ? 1 : 0); // the first was begun before the window
    return { lines: lines.filter((line) => line !== ''), end: start + bytesRead };
  } finally {
    await file.close();
  }
}
