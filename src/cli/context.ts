import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { NodeClient } from './client/node-client.ts';
import type { Io } from './terminal/io.ts';
import { type Progress, startProgress } from './terminal/progress.ts';
import { prose } from './terminal/prose.ts';
import { type Paint, painter } from './terminal/style.ts';

/** What a command is given. */
export interface Context {
  readonly io: Io;
  /** `--json`: stdout carries JSON and nothing else. */
  readonly json: boolean;
  /** Absolute path of the office's home on this machine. */
  readonly home: string;
  readonly paint: Paint;
  /** Writes prose for people to stdout: on a terminal it is broken between words. */
  print(...lines: readonly string[]): void;
  /** Writes one line that is not ours to break (an app's log, a file) to stdout as it is. */
  printRaw(line: string): void;
  /** Writes one JSON value as a line to stdout. */
  printJson(value: unknown): void;
  progress(text: string): Progress;
  /** The office's API; reading where it is and the key happens once, at the first call, or `anew`. */
  client(how?: { readonly anew: boolean }): Promise<NodeClient>;
}

/** Makes the context of one call. */
export function createContext(
  io: Io,
  options: {
    readonly json: boolean;
    readonly home: string | undefined;
    readonly office?: string | undefined;
  },
): Context {
  const home = officeHome(io, options.home);
  let client: Promise<NodeClient> | undefined;
  return {
    io,
    json: options.json,
    home,
    paint: painter(io, io.stdout),
    print: (...lines) => void io.stdout.write(`${prose(io, io.stdout, lines.join('\n'))}\n`),
    printRaw: (line) => void io.stdout.write(`${line}\n`),
    printJson: (value) => void io.stdout.write(`${JSON.stringify(value)}\n`),
    progress: (text) => startProgress(io, text, options.json),
    client({ anew } = { anew: false }) {
      if (anew) client = undefined;
      client ??= import('./client/node-client.ts').then((module) =>
        module.connectNode({ env: io.env, home, office: options.office }),
      );
      return client;
    },
  };
}

/** `--home`, else `TABBIFY_HOME`, else `~/.tabbify` (CONTRACTS §2); the same rule as in `office/`, which is too heavy to load here. */
function officeHome(io: Io, flag: string | undefined): string {
  return resolve(io.cwd, flag ?? (io.env.TABBIFY_HOME || join(io.env.HOME || homedir(), '.tabbify')));
}
