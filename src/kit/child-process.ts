import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** How a child process is started: always an argv array, never a shell, never the parent's environment by accident. */
export interface ChildOptions {
  readonly cwd?: string;
  /** The whole environment of the child; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** As in node:child_process; default: no stdin, stdout and stderr piped. */
  readonly stdio?: readonly ('ignore' | 'pipe' | 'inherit' | number)[];
  /** Own session (`setsid`), so that it outlives the parent. */
  readonly detached?: boolean;
  /**
   * Bytes of private memory of the child, and of each process it starts (`RLIMIT_DATA` of setrlimit(2)): an allocation past it
   * fails there and nowhere else. No bound on a machine without prlimit(1).
   */
  readonly dataBytes?: number;
}

/** Part of util-linux; changes a limit and becomes the program. */
const PRLIMIT = '/usr/bin/prlimit';

/** The one way a process is started in this code base. */
export function startChild(program: string, args: readonly string[], options: ChildOptions): ChildProcess {
  const [command, argv] = bounded(program, args, options.dataBytes);
  return spawn(command, argv, {
    cwd: options.cwd,
    env: { ...options.env },
    stdio: [...(options.stdio ?? ['ignore', 'pipe', 'pipe'])],
    detached: options.detached ?? false,
    shell: false,
  });
}

function bounded(program: string, args: readonly string[], dataBytes?: number): [string, string[]] {
  if (dataBytes === undefined || !existsSync(PRLIMIT)) return [program, [...args]];
  return [PRLIMIT, [`--data=${dataBytes}`, '--', program, ...args]];
}

/**
 * Lowers the bound of `dataBytes` of a child that runs already; nothing is done on a machine without prlimit(1).
 *
 * @throws when the child is gone, or its bound is lower than that
 */
export async function boundChild(pid: number, dataBytes: number): Promise<void> {
  if (!existsSync(PRLIMIT)) return;
  const args = [`--pid=${pid}`, `--data=${dataBytes}`];
  const { code, stderr } = await runChild(PRLIMIT, args, { env: {}, timeoutMs: 5_000 });
  if (code !== 0) throw new Error(`the memory of process ${pid} cannot be bounded: ${stderr.trim()}`);
}

/** What a finished child left behind. */
export interface ChildResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/**
 * Runs a child to its end and gathers what it printed (each stream cut at `maxOutputBytes`, the tail is kept).
 *
 * @param timeoutMs milliseconds after which the child's process group is killed with SIGKILL
 * @throws when the program cannot be started (ENOENT, EACCES)
 */
export async function runChild(
  program: string,
  args: readonly string[],
  options: ChildOptions & {
    readonly timeoutMs: number;
    readonly input?: string;
    readonly maxOutputBytes?: number;
  },
): Promise<ChildResult> {
  const child = startChild(program, args, {
    ...options,
    detached: true,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  const limit = options.maxOutputBytes ?? 1 << 20;
  const stdout = tailOf(child.stdout, limit);
  const stderr = tailOf(child.stderr, limit);
  child.stdin?.on('error', () => {}); // the child may exit before it has read its input
  child.stdin?.end(options.input);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child.pid);
  }, options.timeoutMs);
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode, exitSignal) => resolve([exitCode, exitSignal]));
    });
    return { code, signal, stdout: stdout(), stderr: stderr(), timedOut };
  } finally {
    clearTimeout(timer);
  }
}

/** SIGKILL to a detached child and all that it started. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function tailOf(stream: NodeJS.ReadableStream | null, limit: number): () => string {
  let chunks: Buffer[] = [];
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > 2 * limit) {
      chunks = [Buffer.concat(chunks).subarray(-limit)];
      size = limit;
    }
  });
  return () => Buffer.concat(chunks).subarray(-limit).toString('utf8');
}
