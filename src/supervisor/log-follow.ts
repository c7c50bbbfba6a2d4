import { open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { type LogLine, parseLogLine } from '../runner/index.ts';

/** How often a followed log is looked at, in milliseconds. */
const POLL_MS = 200;
const CHUNK_BYTES = 64 * 1024;

/**
 * Lines appended to a log behind an offset, until the signal aborts; a log that does not exist yet is waited for.
 *
 * @param from offset in bytes, see `LogTail.end`
 */
export async function* followLog(path: string, from: number, signal: AbortSignal): AsyncGenerator<LogLine> {
  let offset = from;
  let rest: Buffer = Buffer.alloc(0);
  while (!signal.aborted) {
    const size = await sizeOf(path);
    if (size < offset) {
      offset = 0; // rotated: the file starts anew
      rest = Buffer.alloc(0);
    }
    if (size === offset) {
      await wait(POLL_MS, undefined, { signal }).catch(() => {});
      continue;
    }
    const chunk = await readAt(path, offset, Math.min(size - offset, CHUNK_BYTES));
    offset += chunk.length;
    const lines = Buffer.concat([rest, chunk]);
    const end = lines.lastIndexOf(0x0a) + 1;
    rest = lines.subarray(end);
    for (const line of lines.toString('utf8', 0, end).split('\n')) {
      if (line !== '') yield parseLogLine(line);
    }
  }
}

async function sizeOf(path: string): Promise<number> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return 0;
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

async function readAt(path: string, position: number, length: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
