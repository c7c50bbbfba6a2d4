import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startChild } from '../../kit/index.ts';
import { until } from './until.ts';

/** A process that appends to a log until it is killed. */
export interface AppendingChild {
  readonly pid: number;
  /** Lines it printed so far. */
  readonly lines: readonly string[];
  /** Waits until it has printed a line that begins so. */
  printed(beginning: string): Promise<string>;
  say(text: string): void;
  /** Ends it, and answers when it is gone and every line was read. */
  kill(): Promise<void>;
  exited(): Promise<void>;
}

/** @param prefix program and arguments to start it with, e.g. to limit its resources */
export function startAppending(file: string, args: string[] = [], prefix: string[] = []): AppendingChild {
  const script = fileURLToPath(new URL('./append-until-killed.ts', import.meta.url));
  const [program = '', ...rest] = [...prefix, process.execPath, script, file, ...args];
  const child: ChildProcess = startChild(program, rest, { env: {}, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  let open = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (open + text).split('\n');
    open = parts.pop() ?? '';
    lines.push(...parts);
  });
  const closed = once(child, 'close');
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${program} did not start`);
  return {
    pid,
    lines,
    async printed(beginning) {
      const find = () => lines.find((line) => line.startsWith(beginning));
      await until(() => find() !== undefined);
      return String(find());
    },
    say: (text) => child.stdin?.write(text),
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
    async exited() {
      await closed;
    },
  };
}
