import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeScratch, removeScratch, sweepScratch } from '../artifact-cache.ts';
import { installedPackages, keptPackages } from '../boxed/installed-packages.ts';
import type { BuildStep } from '../build-step.ts';
import { buildCacheDirectory } from '../cache-directory.ts';
import { readNpmSettings } from '../npm-settings.ts';
import { runBuildChild } from '../run-child.ts';
import { wallsFor } from '../walls.ts';

/** Milliseconds for an installation, as for a whole build. */
const TIMEOUT_MS = 120_000;

export interface PackagesOptions {
  readonly sourceDir: string;
  /** `TABBIFY_HOME`: packages are kept below it between installations. */
  readonly home: string;
  readonly onProgress: (step: BuildStep, detail: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Installs the packages of an app's lockfile as a build does, outside of its folder.
 *
 * @returns folder with what would be its `node_modules`, only to be read
 * @throws TabbifyError `build_failed`, `build_timeout`, `build_aborted`, `build_broken`
 */
export async function packagesOfLockfile({
  sourceDir,
  home,
  onProgress,
  signal,
}: PackagesOptions): Promise<string> {
  const cacheDir = buildCacheDirectory(home);
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  await sweepScratch(cacheDir);
  const [npm, walls] = await Promise.all([readNpmSettings(process.env, cacheDir), wallsFor(home)]);
  const scratchDir = await makeScratch(cacheDir);
  const limits = { timeoutMs: TIMEOUT_MS, signal, onProgress };
  const packages = { sourceDir, cacheDir, npm };
  try {
    if (walls.possible) {
      const deadline = performance.now() + TIMEOUT_MS;
      return await installedPackages({ ...limits, home, scratchDir, deadline }, packages);
    }
    return await keptPackages({ scratchDir, onProgress }, packages, async (lists) => {
      const request = {
        sourceDir: lists,
        artifactDir: join(scratchDir, 'artifact'),
        scratchDir,
        npm,
      } as const;
      const codeCacheDir = join(cacheDir, 'code');
      await runBuildChild(
        { ...request, task: { kind: 'install' }, handOver: 'folder' },
        { ...limits, codeCacheDir },
      );
      return join(scratchDir, 'source/node_modules');
    });
  } finally {
    await removeScratch(scratchDir);
  }
}
