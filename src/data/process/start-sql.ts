import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { killGroup, startChild } from '../../kit/index.ts';
import { frameOf, frameReader } from './frames.ts';
import { type FromSql, SQL_FD, type ToSql } from './sql-protocol.ts';

/** Part of util-linux; has the kernel end the process when this one ends, however that happens. */
const SETPRIV = '/usr/bin/setpriv';
/** MiB of JavaScript objects: a result is at most 1 MiB, a request 2. */
const HEAP_MB = 64;
/** Bytes of private memory: what node sets aside at its start, and what sorting and temporary tables of a statement may hold. */
const MEMORY_BYTES = (640 + 384) * 1024 * 1024;

/** The process that runs SQL, seen from the data process. */
export interface SqlProcess {
  send(message: ToSql, body?: Uint8Array): void;
  kill(): void;
}

/**
 * Starts it. What it prints goes where this process prints.
 *
 * @param program module that runs `runSql` with `--sql=<path>`
 * @param gone called once, when it has ended
 */
export function startSql(options: {
  readonly program: string;
  readonly path: string;
  readonly hear: (message: FromSql, body: Uint8Array) => void;
  readonly gone: (why: string) => void;
}): SqlProcess {
  const { program, path, hear, gone } = options;
  const command = [process.execPath, `--max-old-space-size=${HEAP_MB}`, program, `--sql=${path}`];
  const [first = '', ...args] = existsSync(SETPRIV)
    ? [SETPRIV, '--pdeathsig', 'KILL', '--', ...command]
    : command;
  const child = startChild(first, args, {
    env: process.env as Record<string, string>, // this process's own, which its starter made
    cwd: '/',
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    detached: true,
    dataBytes: MEMORY_BYTES,
  });
  const socket = child.stdio[SQL_FD] as Socket | null;
  const kill = (): void => killGroup(child.pid);
  const read = frameReader(({ head, body }) => hear(head as FromSql, body));
  socket?.on('error', () => {}); // its end says the rest
  socket?.on('data', (chunk: Buffer) => {
    try {
      read(chunk);
    } catch {
      kill(); // it says what is none of ours
    }
  });
  onEnd(child, gone);
  return {
    send: (message, body) => {
      socket?.write(frameOf(message, body ?? null));
    },
    kill,
  };
}

function onEnd(child: ChildProcess, gone: (why: string) => void): void {
  let isTold = false;
  const tell = (why: string): void => {
    if (isTold) return;
    isTold = true;
    gone(why);
  };
  child.once('error', (error) => tell(`it does not start: ${error.message}`));
  child.once('exit', (code, signal) =>
    tell(`the process that runs SQL ended (${signal ?? `exit code ${code}`})`),
  );
}
