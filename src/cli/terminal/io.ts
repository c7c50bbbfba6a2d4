import type { Readable, Writable } from 'node:stream';

/** A stream that may be a terminal. */
export type TerminalInput = Readable & { readonly isTTY?: boolean };
export type TerminalOutput = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** All that a command may touch of the process it runs in; tests hand in their own. */
export interface Io {
  readonly stdin: TerminalInput;
  readonly stdout: TerminalOutput;
  readonly stderr: TerminalOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path that relative arguments are resolved against. */
  readonly cwd: string;
  /** Aborted: the command ends as on Ctrl-C. */
  readonly signal?: AbortSignal;
}

/**
 * The real process. When nobody reads its output any more (`| head`), the command ends as on Ctrl-C, without a complaint.
 */
export function processIo(): Io {
  const unread = new AbortController();
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      unread.abort(error);
    });
  }
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    signal: unread.signal,
  };
}
