import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, relative, resolve } from 'node:path';
import { belongs } from './belongings.ts';

export const ROOT = resolve(import.meta.dirname, '../..');

/** A process of the office under test, with what it printed so far. */
export interface Started {
  readonly pid: number;
  output(): string;
  /** Resolves when stdout or stderr matches; rejects with everything printed when the process ends first or the deadline passes. */
  printed(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray>;
  /** Resolves with the exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/**
 * Starts `node <file> args…` of this checkout, or of the one at `root`, with exactly this environment. It ends with the test at the latest.
 *
 * @param cwd default: that root
 */
export function start(
  file: string,
  args: readonly string[],
  env: Record<string, string>,
  root: string = ROOT,
  cwd: string = root,
): Started {
  const child = spawn(nodeOf(root), [join(root, file), ...args], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let wake = () => {};
  const gather = (chunk: Buffer) => {
    text += chunk.toString();
    wake();
  };
  child.stdout.on('data', gather);
  child.stderr.on('data', gather);
  const ended = new Promise<number | null>((done) => {
    child.once('close', (code) => {
      hasEnded();
      done(code);
      wake();
    });
  });
  const hasEnded = belongs({
    home: env.HOME ?? null,
    async end() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  });
  return {
    pid: child.pid ?? 0,
    output: () => text,
    ended,
    async printed(pattern, deadlineMs = 60_000) {
      const deadline = AbortSignal.timeout(deadlineMs);
      for (;;) {
        const match = pattern.exec(text);
        if (match) return match;
        if (deadline.aborted || child.exitCode !== null || child.signalCode !== null) {
          throw new Error(`${file} ${args.join(' ')} did not print ${pattern}; it printed:\n${text}`);
        }
        await new Promise<void>((next) => {
          wake = next;
          deadline.addEventListener('abort', () => next(), { once: true });
        });
      }
    },
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

/** The Node that came with a checkout. */
function nodeOf(root: string): string {
  const own = relative(ROOT, process.execPath);
  return own.startsWith('..') ? process.execPath : join(root, own);
}

/** Runs a command of this checkout to its end, in its folder or in another one. */
export async function run(
  file: string,
  args: readonly string[],
  env: Record<string, string>,
  cwd: string = ROOT,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [join(ROOT, file), ...args], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, stdout, stderr };
}
