import type { Readable } from 'node:stream';
import type { LogLine } from '../app-log.ts';
import { LineSink } from '../line-sink.ts';

/** Bytes a second that are read of each of a guest's two streams; it waits when it writes more. */
const MAX_BYTES_PER_SECOND = 4 << 20;
const WINDOW_MS = 1_000;
/** Lines of the standard error that are kept, to tell why a guest ended. */
const KEPT_LINES = 40;

/** Takes one line for the app's log. */
export type TakeLine = LogLine;

/** What a guest writes. */
export interface Output {
  /** Its last lines to the standard error, oldest first. */
  readonly lastErrors: readonly string[];
  /** Resolves when both streams have ended, at the latest after the time in milliseconds. */
  ended(withinMs: number): Promise<void>;
}

/** Reads the two streams of a guest line by line, at a bounded rate. */
export function readOutput(stdout: Readable | null, stderr: Readable | null, take: TakeLine): Output {
  const lastErrors: string[] = [];
  const ends = [
    read(stdout, (line) => take('stdout', line)),
    read(stderr, (line) => {
      if (line.trim() !== '') lastErrors.push(line);
      if (lastErrors.length > KEPT_LINES) lastErrors.shift();
      take('stderr', line);
    }),
  ];
  return {
    lastErrors,
    async ended(withinMs) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, withinMs);
      });
      await Promise.race([Promise.all(ends), late]);
      clearTimeout(timer);
    },
  };
}

function read(stream: Readable | null, take: (line: string) => void): Promise<void> {
  if (stream === null) return Promise.resolve();
  const sink = new LineSink(take);
  let windowStart = Number.NEGATIVE_INFINITY; // the first begins with the first bytes, however young this process is
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    const now = performance.now();
    if (now - windowStart >= WINDOW_MS) {
      windowStart = now;
      bytes = 0;
    }
    sink.write(chunk);
    bytes += chunk.length;
    if (bytes < MAX_BYTES_PER_SECOND) return;
    stream.pause();
    setTimeout(() => stream.resume(), windowStart + WINDOW_MS - now).unref();
  });
  stream.on('error', () => {});
  return new Promise((resolve) => {
    stream.once('close', () => {
      sink.flush();
      resolve();
    });
  });
}
