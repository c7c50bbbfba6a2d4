import { type FileHandle, open } from 'node:fs/promises';
import { LOG_HEAD_BYTES, logFiles } from '../runner/index.ts';

/** One file of an app's log, opened: a rotation after that takes nothing from who reads it, except from the newest. */
export interface LogFile extends AsyncDisposable {
  readonly size: number;
  /** Its first bytes, by which it is known again wherever a rotation has moved it. */
  readonly head: Buffer;
  /** Bytes from this position on; fewer than asked for where the file ends. */
  read(position: number, length: number): Promise<Buffer>;
}

/**
 * Opens what there is of a log, the newest file first. A copy that a killed rotation left beside its original is one
 * file of the two.
 */
export async function openLogFiles(path: string): Promise<readonly LogFile[]> {
  const opened: LogFile[] = [];
  for (const name of logFiles(path)) {
    const handle = await open(name, 'r').catch(() => null);
    if (handle === null) continue;
    const file = await logFileOf(handle);
    const newer = opened.at(-1);
    if (newer !== undefined && file.head.length > 0 && file.head.equals(newer.head)) {
      await file[Symbol.asyncDispose]();
    } else opened.push(file);
  }
  return opened;
}

export async function closeLogFiles(files: readonly LogFile[]): Promise<void> {
  await Promise.all(files.map((file) => file[Symbol.asyncDispose]()));
}

/** Does one file begin as the other: is it the same, seen when it was shorter or at another place? */
export function isSameFile(head: Buffer, other: Buffer): boolean {
  const length = Math.min(head.length, other.length);
  return length > 0 && head.subarray(0, length).equals(other.subarray(0, length));
}

async function logFileOf(handle: FileHandle): Promise<LogFile> {
  const read = async (position: number, length: number): Promise<Buffer> => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  };
  const { size } = await handle.stat();
  const head = await read(0, Math.min(size, LOG_HEAD_BYTES));
  return { size, head, read, [Symbol.asyncDispose]: () => handle.close() };
}
