import { createHash } from 'node:crypto';
import { mkdir, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../kit/index.ts';
import { makeScratch, removeScratch, sweepOldest, sweepScratch } from '../artifact-cache.ts';
import { buildInBox } from '../boxed/build-in-box.ts';
import type { BuildStep } from '../build-step.ts';
import { builderDigest } from '../builder-digest.ts';
import { buildCacheDirectory } from '../cache-directory.ts';
import type { ArtifactTask } from '../child/protocol.ts';
import { diskFull } from '../disk-full.ts';
import { builderError } from '../errors.ts';
import { runBuildChild } from '../run-child.ts';
import { wallsFor } from '../walls.ts';
import { isSealed, seal } from './sealed-folder.ts';

/** Engines kept: one for each bound of memory, and for each state of the builder. */
const KEEP = 4;
/** The engine's machine code takes 8 seconds, many times that on a busy machine, where builds come last. */
const TIMEOUT_MS = 300_000;

export interface EngineOptions {
  /** `TABBIFY_HOME`; engines are kept below it. */
  readonly home: string;
  /** MiB that an instance may have. */
  readonly memoryMb: number;
  /** Told when there is none yet, and one is made: that takes seconds. */
  readonly onMaking: () => void;
  readonly onProgress?: (step: BuildStep, detail: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The artifact of a component that has the engine of TypeScript apps and no app: it takes one when it runs. Made once by the same tools in
 * the same boxes as any component; one that is not as it was made is made again. Two that make it at once both come to the same.
 *
 * @returns its folder, to be read and linked, not to be written to
 * @throws TabbifyError `build_aborted`, `build_timeout`, `build_broken`
 */
export async function prepareEngine(options: EngineOptions): Promise<string> {
  const { home, memoryMb } = options;
  const engines = join(buildCacheDirectory(home), 'engines');
  const folder = join(engines, await nameOf(memoryMb));
  if (await isSealed(folder)) {
    await utimes(folder, new Date(), new Date());
    return folder;
  }
  options.onMaking();
  try {
    await mkdir(engines, { recursive: true, mode: 0o700 });
    await sweepScratch(buildCacheDirectory(home));
    await make(options, folder);
    await sweepOldest(engines, KEEP);
  } catch (error) {
    throw diskFull(error) === null ? error : noRoom(error, engines);
  }
  return folder;
}

async function make({ home, memoryMb, signal, onProgress = () => {} }: EngineOptions, folder: string) {
  const cacheDir = buildCacheDirectory(home);
  const walls = await wallsFor(home);
  const scratchDir = await makeScratch(cacheDir);
  try {
    const [sourceDir, artifactDir] = [join(scratchDir, 'nothing'), join(scratchDir, 'artifact')];
    await mkdir(sourceDir);
    const task: ArtifactTask = {
      kind: 'wasm-http',
      input: { engine: true },
      memoryMb,
      engineCacheDir: join(cacheDir, 'engine'),
    };
    const bounds = { timeoutMs: TIMEOUT_MS, signal, onProgress };
    if (walls.possible) {
      const boxed = { sourceDir, artifactDir, cacheDir, task, npm: null };
      await buildInBox({ home, scratchDir, ...bounds }, boxed);
    } else {
      const request = { sourceDir, artifactDir, scratchDir, task, npm: null };
      await runBuildChild(
        { ...request, handOver: 'folder' },
        { ...bounds, codeCacheDir: join(cacheDir, 'code') },
      );
    }
    await seal(artifactDir);
    await moveTo(artifactDir, folder);
  } finally {
    await removeScratch(scratchDir);
  }
}

/** Whoever else has made it meanwhile has made the same; what is not as it was made goes. */
async function moveTo(made: string, folder: string): Promise<void> {
  if (await isSealed(folder)) return;
  await rm(folder, { recursive: true, force: true });
  try {
    await rename(made, folder);
  } catch (error) {
    if (!(await isSealed(folder))) throw error;
  }
}

function noRoom(error: unknown, engines: string): Error {
  return builderError('build_broken', {
    what: 'There is no room for the engine of wasm-http',
    why: messageOf(error),
    hint: `Free 20 MB on the disk of ${engines}, and save a file to try again.`,
    cause: error,
  });
}

async function nameOf(memoryMb: number): Promise<string> {
  const decides = JSON.stringify([await builderDigest('wasm-http'), memoryMb]);
  return createHash('sha256').update(decides).digest('hex').slice(0, 32);
}
