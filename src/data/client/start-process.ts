import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { startChild } from '../../kit/index.ts';
import { dataArguments } from '../process/arguments.ts';

/** What a data process is started from. */
export interface DataProgram {
  /** The node binary. */
  readonly node: string;
  /** `main.ts` of the process, or the file it was bundled into. */
  readonly program: string;
  /** Whole environment of the process; default: nothing. */
  readonly env?: Readonly<Record<string, string>>;
  /** Bytes of private memory it may have (`ChildOptions.dataBytes`); missing: as much as who starts it. */
  readonly dataBytes?: number;
  /** Milliseconds without a request after which it ends; default five minutes. */
  readonly idleMs?: number;
  /** Milliseconds that a statement, or a batch, may take; default 5 s. */
  readonly queryMs?: number;
}

/** `locked`: another process serves the folder, or did a moment ago. */
export type StartOutcome = 'ready' | 'locked' | { readonly failed: string };

/** MiB of JavaScript objects: requests under way and their answers. */
const HEAP_MB = 192;
/** EX_TEMPFAIL of sysexits.h, which a data process ends with that finds its files locked. */
const LOCKED_EXIT = 75;
/** Milliseconds for a process to open its files; a log of SQLite that a killed one left is read through first. */
const READY_MS = 20_000;
const READY_FD = 3;

/** Starts a data process in a session of its own, so that it outlives its starter; what it prints is in `process.log`. */
export function startProcess(folder: string, socket: string, program: DataProgram): Promise<StartOutcome> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const logPath = join(folder, 'process.log');
  const log = openSync(logPath, 'a', 0o600);
  try {
    const { node, env = {}, dataBytes, idleMs, queryMs } = program;
    const args = dataArguments({
      folder,
      socket,
      readyFd: READY_FD,
      ...(idleMs !== undefined && { idleMs }),
      ...(queryMs !== undefined && { queryMs }),
    });
    const child = startChild(node, [`--max-old-space-size=${HEAP_MB}`, program.program, ...args], {
      env: { ...env },
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log, 'pipe'],
      ...(dataBytes !== undefined && { dataBytes }),
    });
    child.unref();
    const ready = child.stdio[READY_FD] as Socket | null;
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle({ failed: 'it did not get ready in time' }), READY_MS);
      const settle = (outcome: StartOutcome): void => {
        clearTimeout(timer);
        ready?.destroy();
        resolve(outcome);
      };
      ready?.on('error', () => {}); // its end tells
      ready?.once('data', () => settle('ready'));
      child.once('error', (error) => settle({ failed: error.message }));
      child.once('exit', (code, signal) => {
        settle(
          code === LOCKED_EXIT ? 'locked' : { failed: `it ended (${signal ?? code}): ${lastLine(logPath)}` },
        );
      });
    });
  } finally {
    closeSync(log);
  }
}

function lastLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  } catch {
    return 'it printed nothing';
  }
}
