import type { Guest } from '../guest.ts';
import { GuestTrap } from '../guest-trap.ts';
import type { LineOutput } from '../line-output.ts';
import { EMPTY_SOURCE, InputStream } from './io/input-stream.ts';
import { OutputStream } from './io/output-stream.ts';

export interface CliHost {
  readonly env: Readonly<Record<string, string>>;
  readonly stdout: LineOutput;
  readonly stderr: LineOutput;
}

/** The interfaces of `wasi:cli` by name: the app's own environment, its log, no arguments, no terminal. */
export function cli(guest: Guest, host: CliHost): Readonly<Record<string, object>> {
  return {
    'wasi:cli/environment': {
      getEnvironment: () => Object.entries(host.env),
      getArguments: () => [],
      initialCwd: () => undefined,
    },
    'wasi:cli/stdin': { getStdin: () => new InputStream(guest, EMPTY_SOURCE) },
    'wasi:cli/stdout': { getStdout: () => new OutputStream(guest, host.stdout) },
    'wasi:cli/stderr': { getStderr: () => new OutputStream(guest, host.stderr) },
    'wasi:cli/exit': {
      exit(status: { readonly tag: string }) {
        throw new GuestTrap('exit', status.tag === 'ok' ? 'exit with success' : 'exit with failure');
      },
      exitWithCode(code: number) {
        throw new GuestTrap('exit', `exit with code ${code}`);
      },
    },
    'wasi:cli/terminal-stdin': { getTerminalStdin: () => undefined },
    'wasi:cli/terminal-stdout': { getTerminalStdout: () => undefined },
    'wasi:cli/terminal-stderr': { getTerminalStderr: () => undefined },
  };
}
