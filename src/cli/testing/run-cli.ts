import { PassThrough } from 'node:stream';
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
    stdin: new PassThrough(),
    stdout: out.stream,
    stderr: err.stream,
    env: { TABBIFY_HOME: `${options.cwd}/home`, ...options.env },
    cwd: options.cwd,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  return { code, stdout: out.text(), stderr: err.text(), json: () => JSON.parse(out.text()) };
}

function collector(isTTY: boolean, onText?: (text: string) => void) {
  const stream = Object.assign(new PassThrough(), { isTTY });
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
    onText?.(text);
  });
  return {
    stream,
    text() {
      const rest: Buffer | null = stream.read();
      if (rest) text += rest.toString('utf8');
      return text;
    },
  };
}
