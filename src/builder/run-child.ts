import type { ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { killGroup, messageOf, startChild } from '../kit/index.ts';
import { aborted, died, failed, timedOut } from './build-failures.ts';
import type { BuildStep } from './build-step.ts';
import { type ChildMessage, type ChildRequest, MESSAGES_FD } from './child/protocol.ts';
import { readMessage } from './messages.ts';

/** `.ts` in a checkout, `.js` in the published package. */
const MAIN = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './child/main.ts' : './child/main.js', import.meta.url),
);

/** Options of the node that builds; MiB of JavaScript heap: a bundle of 10 MB and glue of 1 MB need a third of it. */
export const NODE_OPTIONS = ['--max-old-space-size=1024', '--no-warnings'] as const;

/** How long a build may take, who may end it, and where its own code is kept as Node has compiled it. */
export interface BuildLimits {
  /** Shared between builds: a third of the time until one begins. Nothing of an app runs in the build process itself. */
  readonly codeCacheDir: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (step: BuildStep, detail: string) => void;
}

/**
 * Builds in a process of its own: empty environment, home and temporary files in the scratch folder, its whole process
 * group killed at the time limit or when the caller gives up.
 *
 * @throws TabbifyError `build_failed`, `build_timeout`, `build_aborted`, `build_broken`
 */
export async function runBuildChild(request: ChildRequest, limits: BuildLimits): Promise<void> {
  const home = join(request.scratchDir, 'home');
  const temporary = join(request.scratchDir, 'tmp');
  await Promise.all([mkdir(home), mkdir(temporary)]);
  if (limits.signal?.aborted) throw aborted();

  const child = startChild(process.execPath, [...NODE_OPTIONS, MAIN], {
    cwd: request.scratchDir,
    env: { HOME: home, TMPDIR: temporary, NODE_COMPILE_CACHE: limits.codeCacheDir },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let ended: 'timeout' | 'aborted' | null = null;
  const end = (why: 'timeout' | 'aborted'): void => {
    ended ??= why;
    killGroup(child.pid);
  };
  const timer = setTimeout(end, limits.timeoutMs, 'timeout');
  const onAbort = (): void => end('aborted');
  limits.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    child.stdin?.on('error', () => {}); // the child may have died; its exit says so
    child.stdin?.write(`${JSON.stringify(request)}\n`);
    const output = tailOf([child.stdout, child.stderr]);
    const [message, exit] = await Promise.all([
      resultOf(child.stdio[MESSAGES_FD] as Readable, limits.onProgress),
      exitOf(child),
    ]);
    if (ended === 'timeout') throw timedOut(limits.timeoutMs);
    if (ended === 'aborted') throw aborted();
    if (message?.type === 'done') return;
    throw message?.type === 'failed' ? failed(message) : died(exit, output());
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener('abort', onAbort);
    killGroup(child.pid); // what it started and left behind, e.g. a bundler's service process
  }
}

/** How a child ended, once all its output was read. */
async function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(messageOf(error)));
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}

/** The last message, which is the result unless the child died before it had one. */
async function resultOf(
  messages: Readable,
  onProgress: BuildLimits['onProgress'],
): Promise<ChildMessage | undefined> {
  let last: ChildMessage | undefined;
  for await (const line of createInterface({ input: messages })) {
    last = readMessage(line);
    if (last?.type === 'progress') onProgress(last.step, last.detail);
  }
  return last;
}

function tailOf(streams: readonly (Readable | null)[]): () => string {
  let tail = '';
  for (const stream of streams) {
    stream?.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString('utf8')).slice(-4000);
    });
  }
  return () => tail;
}
