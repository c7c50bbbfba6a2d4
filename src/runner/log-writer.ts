import { copyFileSync, fstatSync, ftruncateSync, writeSync } from 'node:fs';
import { formatLogLine, type LogOrigin } from './log-line.ts';

/** Size in bytes at which the log moves to `<file>.1`. */
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;

export interface LogWriterOptions {
  /** Descriptor of the log, opened for appending. */
  readonly fd: number;
  /** Path of the same file, for the copy that rotation leaves behind. */
  readonly path: string;
  readonly generation: number;
  readonly limitBytes?: number;
}

/**
 * Writes the app's log, one JSON object per line, at once: what was printed before a `kill -9` is in the file.
 *
 * Rotation copies and truncates instead of renaming, because the descriptor is also where the engine prints its
 * last words, and because during a swap a second runner appends to the same file.
 */
export function createLogWriter(options: LogWriterOptions): (origin: LogOrigin, line: string) => void {
  const limit = options.limitBytes ?? LOG_LIMIT_BYTES;
  let sinceCheck = Number.POSITIVE_INFINITY; // the file may be full already
  return (origin, line) => {
    const text = formatLogLine({
      time: new Date().toISOString(),
      origin,
      line,
      generation: options.generation,
    });
    try {
      sinceCheck += text.length;
      if (sinceCheck > limit / 64) {
        sinceCheck = 0;
        if (fstatSync(options.fd).size >= limit) rotate(options.fd, options.path);
      }
      writeSync(options.fd, text);
    } catch {
      // A full disk must not take the app down, and there is no other place to say so.
    }
  };
}

function rotate(fd: number, path: string): void {
  copyFileSync(path, `${path}.1`);
  ftruncateSync(fd, 0);
}
