import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A program of this folder that is told lines and answers each with a line of JSON. */
export interface JsonLines {
  readonly pid: number;
  /** The next line that it prints. */
  next<Line>(): Promise<Line>;
  /** Sends a line, and waits for the answer. */
  ask<Line>(what: unknown): Promise<Line>;
  /** Ends its input, which ends the program. */
  close(): Promise<void>;
}

export function startJsonLines(
  file: string,
  args: readonly string[],
  env: Record<string, string> = {},
): JsonLines {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, file), ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('no pipes');
  const ended = once(child, 'close');
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const next = async <Line>(): Promise<Line> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${file} ended`);
    return JSON.parse(value) as Line;
  };
  return {
    pid: child.pid ?? 0,
    next,
    ask(what) {
      stdin.write(`${JSON.stringify(what)}\n`);
      return next();
    },
    async close() {
      stdin.end();
      await ended;
    },
  };
}
