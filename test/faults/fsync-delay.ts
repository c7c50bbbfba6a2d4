import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { runChild } from '../../src/kit/index.ts';

/** The library that slows fsync down, built into a directory of its own. */
export interface FsyncDelay {
  /**
   * Environment of a process whose fsyncs take longer.
   *
   * @param delayMs milliseconds added to each
   * @param countFile gets a byte for each
   */
  env(delayMs: number, countFile?: string): Record<string, string>;
  [Symbol.asyncDispose](): Promise<void>;
}

const COMPILERS = ['clang-14', 'clang', 'gcc', 'cc'];

/** The first C compiler of this machine; undefined: there is none. */
export function compiler(): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter);
  return COMPILERS.find((name) => directories.some((directory) => existsSync(join(directory, name))));
}

/** @throws Error when there is no compiler, or it fails */
export async function buildFsyncDelay(): Promise<FsyncDelay> {
  const program = compiler();
  if (program === undefined) throw new Error(`none of ${COMPILERS.join(', ')} is installed`);
  const directory = await mkdtemp(join(tmpdir(), 'tabbify-fsync-delay-'));
  const library = join(directory, 'fsync-delay.so');
  const source = join(import.meta.dirname, 'fsync-delay.c');
  const built = await runChild(program, ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl'], {
    env: { PATH: process.env.PATH ?? '' },
    timeoutMs: 30_000,
  });
  if (built.code !== 0) throw new Error(`${program} failed: ${built.stderr}`);
  return {
    env: (delayMs, countFile) => ({
      LD_PRELOAD: library,
      FSYNC_DELAY_MS: String(delayMs),
      ...(countFile !== undefined && { FSYNC_COUNT_FILE: countFile }),
    }),
    async [Symbol.asyncDispose]() {
      await rm(directory, { recursive: true, force: true });
    },
  };
}
