import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { getCompileCacheDir } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { startChild } from '../../kit/index.ts';
import { artifactError } from '../errors.ts';
import { childAnswer } from './child-answer.ts';
import { takeEmptyFolder } from './unpack-archive.ts';
import type { Unpacked, UnpackLimits } from './unpack-limits.ts';

export interface UnpackOptions {
  /** Milliseconds for the whole archive to arrive and be unpacked; default 120,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Beside this module, in TypeScript or compiled. */
const CHILD = fileURLToPath(
  new URL(`./unpack-child.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
);

/**
 * `unpackArchive` in a process of its own, with an empty environment and the right to write into that folder only, so
 * that neither the work nor a fault of a parser touches the office. The process never outlives the call, and the
 * folder exists afterwards only if everything went well.
 *
 * @param source is left as it is when the archive is refused, so that an HTTP request can still be answered
 * @param intoFolder absent or empty
 * @throws what `unpackArchive` throws; archive_timeout; unpack_failed; the source's error; the signal's reason
 */
export async function unpackInChild(
  source: Readable,
  intoFolder: string,
  limits: UnpackLimits,
  options: UnpackOptions = {},
): Promise<Unpacked> {
  const folder = resolve(intoFolder);
  options.signal?.throwIfAborted();
  await takeEmptyFolder(folder);
  const deadline = AbortSignal.timeout(options.timeoutMs ?? 120_000);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  const cache = compileCacheOf(getCompileCacheDir());
  const writable = [folder, join(folder, '*'), ...cache.paths].map((path) => `--allow-fs-write=${path}`);
  const confined = ['--permission', '--allow-fs-read=*', ...writable];
  const args = [folder, JSON.stringify(limits), ...cache.paths];
  const child = startChild(process.execPath, [...confined, CHILD, ...args], {
    env: cache.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  try {
    return await unpackWith(child, source, signal);
  } catch (error) {
    child.kill('SIGKILL');
    await ended.catch(() => {}); // it could not be started: there is nothing to wait for
    await rm(folder, { recursive: true, force: true });
    throw deadline.aborted && !options.signal?.aborted ? timedOut(error) : error;
  }
}

/**
 * The office's own cache of compiled code: half of what the process takes until it unpacks. It gives its right to write there up before it
 * reads anything of the archive (node uses no cache that it may not write to).
 *
 * @param folder the one of this version of node, as node tells it
 */
function compileCacheOf(folder: string | undefined): {
  readonly env: Readonly<Record<string, string>>;
  readonly paths: readonly string[];
} {
  if (folder === undefined) return { env: {}, paths: [] };
  const cache = dirname(folder);
  return { env: { NODE_COMPILE_CACHE: cache }, paths: [cache, join(cache, '*')] };
}

/** The answer counts whether or not all of the source has been read: a refused archive is not read to its end. */
async function unpackWith(child: ChildProcess, source: Readable, signal: AbortSignal): Promise<Unpacked> {
  const answer = childAnswer(child, signal);
  const feeding = feed(source, child.stdin as Writable, signal);
  await Promise.race([answer, feeding.then(() => answer)]);
  return answer;
}

/** Writes the source to the child; ends without an error when the child stops reading, which its answer explains. */
async function feed(source: Readable, stdin: Writable, signal: AbortSignal): Promise<void> {
  const closed = new Promise<void>((done) => {
    stdin.on('error', () => done()); // EPIPE: the child has seen enough
    stdin.once('close', () => done());
  });
  for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    if (signal.aborted || stdin.destroyed || stdin.writableEnded) return;
    if (!stdin.write(chunk)) await Promise.race([once(stdin, 'drain', { signal }), closed]);
  }
  stdin.end();
}

function timedOut(cause: unknown) {
  return artifactError('archive_timeout', {
    what: 'The archive was not unpacked in time',
    why: 'it arrived too slowly or is too much work',
    hint: 'Push again on a better connection, or push less: see `tcli push --dry-run`.',
    cause,
  });
}
