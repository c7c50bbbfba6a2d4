import { open } from 'node:fs/promises';
import { type LogLine, parseLogLine } from '../runner/index.ts';

/** Bytes read from the end of a log; the lines wanted lie within, or are cut. */
const TAIL_BYTES = 512 * 1024;
/** Bounds of what goes into an event, whose envelope holds 64 KiB (CONTRACTS §6). */
const EVENT_LINES = 20;
const EVENT_LINE_LENGTH = 400;

/** The last lines of an app's log, oldest first, the rotated file included. */
export async function tailLog(path: string, lines: number): Promise<readonly LogLine[]> {
  const current = await readTail(path);
  const older = current.length < lines ? await readTail(`${path}.1`) : [];
  return [...older, ...current].slice(-lines).map(parseLogLine);
}

/**
 * What a failed runner said last, short enough for an event.
 *
 * @param generation the runner's: during a swap the log holds lines of two
 */
export async function lastWords(path: string, generation: number): Promise<string[]> {
  const lines = await tailLog(path, EVENT_LINES * 10);
  return lines
    .filter((line) => line.generation === generation || line.generation === null)
    .slice(-EVENT_LINES)
    .map((line) => line.line.slice(0, EVENT_LINE_LENGTH));
}

/** One line as a person reads it. */
export function formatForReading(line: LogLine): string {
  return line.time === '' ? `${line.line}\n` : `${line.time} ${line.origin} ${line.line}\n`;
}

async function readTail(path: string): Promise<readonly string[]> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return [];
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    if (start > 0) lines.shift(); // begun before the window
    return lines.filter((line) => line !== '');
  } finally {
    await file.close();
  }
}
