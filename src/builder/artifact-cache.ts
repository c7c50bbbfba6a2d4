import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { newId, syncDirectory } from '../kit/index.ts';

/** Artifacts kept; one of a TypeScript app is about 17 MB. */
const KEEP = 24;
/** A scratch folder this old was left behind by a build that was killed. */
const STALE_MS = 60 * 60 * 1000;

const ARTIFACTS = 'artifacts';
const SCRATCH = 'scratch';

/**
 * Copies an artifact made before.
 *
 * @returns false when there is none
 */
export async function takeFromCache(cacheDir: string, key: string, outDir: string): Promise<boolean> {
  const folder = join(cacheDir, ARTIFACTS, key);
  try {
    await stat(folder);
    await copyFiles(folder, outDir);
    await utimes(folder, new Date(), new Date());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await rm(outDir, { recursive: true, force: true }); // swept away while it was copied
    return false;
  }
}

/**
 * Keeps an artifact under its key. Two builds of one key may end at once: they made the same, so the first to come
 * stays.
 */
export async function putIntoCache(cacheDir: string, key: string, artifactDir: string): Promise<void> {
  const parent = join(cacheDir, ARTIFACTS);
  await mkdir(parent, { recursive: true });
  try {
    await rename(artifactDir, join(parent, key));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
  await syncDirectory(parent);
}

/** A new folder for one build, on the cache's file system; whoever made it removes it. */
export async function makeScratch(cacheDir: string): Promise<string> {
  const folder = join(cacheDir, SCRATCH, newId());
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Removes what was used least recently beyond `KEEP` artifacts, and scratch folders left behind. */
export async function sweepCache(cacheDir: string, now: number): Promise<void> {
  const artifacts = await aged(join(cacheDir, ARTIFACTS));
  const scratch = await aged(join(cacheDir, SCRATCH));
  const goners = [
    ...artifacts.sort((left, right) => right.usedAt - left.usedAt).slice(KEEP),
    ...scratch.filter(({ usedAt }) => now - usedAt > STALE_MS),
  ];
  for (const { path } of goners) await rm(path, { recursive: true, force: true });
}

/**
 * Copies without sharing: whoever changes the copy leaves the cache as it is. An artifact is one folder of files. (`cp` of
 * node:fs walks and removes synchronously, some 20 ms of the loop.)
 */
async function copyFiles(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    await copyFile(join(from, name), join(to, name), constants.COPYFILE_FICLONE);
  }
}

async function aged(folder: string): Promise<{ readonly path: string; readonly usedAt: number }[]> {
  try {
    const names = await readdir(folder);
    return await Promise.all(
      names.map(async (name) => {
        const path = join(folder, name);
        return { path, usedAt: (await stat(path)).mtimeMs };
      }),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
