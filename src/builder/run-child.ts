import type { ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { killGroup, messageOf, startChild, type TabbifyError } from '../kit/index.ts';
import type { BuildStep } from './build-step.ts';
import { type ChildMessage, type ChildRequest, MESSAGES_FD } from './child/protocol.ts';
import { builderError } from './errors.ts';

/** `.ts` in a checkout, `.js` in the published package. */
const MAIN = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './child/main.ts' : './child/main.js', import.meta.url),
);

/** MiB of JavaScript heap: a bundle of 10 MB and glue of 1 MB need a third of it. */
const HEAP_MB = 1024;

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

  const child = startChild(process.execPath, [`--max-old-space-size=${HEAP_MB}`, '--no-warnings', MAIN], {
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
    last = parseMessage(line);
    if (last?.type === 'progress') onProgress(last.step, last.detail);
  }
  return last;
}

/** Undefined for a line the child was killed within. */
function parseMessage(line: string): ChildMessage | undefined {
  try {
    return JSON.parse(line) as ChildMessage;
  } catch {
    return undefined;
  }
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

function failed({ fault, what, why, hint }: ChildMessage & { type: 'failed' }): TabbifyError {
  return builderError(fault === 'author' ? 'build_failed' : 'build_broken', {
    what,
    ...(why === undefined ? {} : { why }),
    ...(hint === undefined ? {} : { hint }),
  });
}

function timedOut(timeoutMs: number): TabbifyError {
  return builderError('build_timeout', {
    what: `The build was ended after ${Math.round(timeoutMs / 1000)} seconds`,
    why: 'it took longer than a build may',
    hint: 'Look for a loop that never ends outside `fetch`: that code runs at build time.',
  });
}

function aborted(): TabbifyError {
  return builderError('build_aborted', { what: 'The build was cancelled', hint: 'Push again to build it.' });
}

function died(exit: string, output: string): TabbifyError {
  return builderError('build_broken', {
    what: `The build process ended with ${exit}`,
    why: output.trim() || 'it said nothing',
    hint: 'Try once more; when it stays, the machine may lack memory (a build needs about 1 GB).',
  });
}
