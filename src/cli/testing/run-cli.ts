import { PassThrough, Writable } from 'node:stream';
import { run as runTabbify } from '../tabbify.ts';
import { run as runTcli } from '../tcli.ts';

export interface CliOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout read as one JSON value. */
  json(): Record<string, unknown>;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What comes in on stdin, and its end; default: nothing comes. */
  readonly stdin?: string | Uint8Array;
  /** stdout and stderr say that they are terminals. */
  readonly terminal?: boolean;
  readonly signal?: AbortSignal;
  /** Called with all of stdout whenever it grows. */
  readonly onStdout?: (text: string) => void;
}

/** Runs a command line in this process and gathers what it prints. The home is below `cwd` unless `env` says otherwise. */
export async function runCli(
  program: 'tcli' | 'tabbify',
  argv: readonly string[],
  options: CliOptions,
): Promise<CliOutcome> {
  const out = collector(options.terminal === true, options.onStdout);
  const err = collector(options.terminal === true);
  const run = program === 'tcli' ? runTcli : runTabbify;
  const code = await run(argv, {
    stdin: options.stdin === undefined ? new PassThrough() : ended(options.stdin),
    stdout: out.stream,
    stderr: err.stream,
    env: { TABBIFY_HOME: `${options.cwd}/home`, ...options.env },
    cwd: options.cwd,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  return { code, stdout: out.text(), stderr: err.text(), json: () => JSON.parse(out.text()) };
}

function ended(content: string | Uint8Array): PassThrough {
  const stdin = new PassThrough();
  stdin.end(content);
  return stdin;
}

/** A stream that keeps what is written to it. */
export function collector(isTTY: boolean, onText?: (text: string) => void) {
  const decoder = new TextDecoder();
  let text = '';
  const writable = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += decoder.decode(chunk, { stream: true });
      onText?.(text);
      done();
    },
  });
  return { stream: Object.assign(writable, { isTTY }), text: () => text };
}
