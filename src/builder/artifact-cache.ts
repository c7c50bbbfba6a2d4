import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive, newId, startTimeOf, syncDirectory } from '../kit/index.ts';
import { removeForeign } from '../sandbox/index.ts';

/** Artifacts kept; one of a TypeScript app is about 17 MB. */
const KEEP = 24;
const ARTIFACTS = 'artifacts';
const SCRATCH = 'scratch';
/** The artifact, in the folder of its build and in what is kept. */
const FILES = 'artifact';

/** What was said of it when it was made. */
const WARNINGS = 'warnings.json';

/**
 * Copies an artifact made before.
 *
 * @returns what its build warned of; null when there is none
 */
export async function takeFromCache(
  cacheDir: string,
  key: string,
  outDir: string,
): Promise<readonly string[] | null> {
  const folder = join(cacheDir, ARTIFACTS, key);
  try {
    const warnings = JSON.parse(await readFile(join(folder, WARNINGS), 'utf8')) as string[];
    await copyFiles(join(folder, FILES), outDir);
    await utimes(folder, new Date(), new Date());
    return warnings;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await rm(outDir, { recursive: true, force: true }); // swept away while it was copied
    return null;
  }
}

/**
 * Keeps an artifact under its key, with what was warned of. Two builds of one key may end at once: they made the same, so the first
 * to come stays.
 *
 * @param scratchDir folder of the build, with the artifact in `artifact`
 */
export async function putIntoCache(
  cacheDir: string,
  key: string,
  scratchDir: string,
  warnings: readonly string[],
): Promise<void> {
  const parent = join(cacheDir, ARTIFACTS);
  const kept = join(scratchDir, 'kept');
  await mkdir(parent, { recursive: true });
  await mkdir(kept);
  await writeFile(join(kept, WARNINGS), JSON.stringify(warnings));
  await rename(join(scratchDir, FILES), join(kept, FILES));
  try {
    await rename(kept, join(parent, key));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
  await syncDirectory(parent);
}

/** A new folder for one build, on the cache's file system, named after this process; whoever made it removes it. */
export async function makeScratch(cacheDir: string): Promise<string> {
  const { pid } = process;
  const folder = join(cacheDir, SCRATCH, `${newId()}.${pid}.${startTimeOf(pid) ?? 0}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** A box may have written to it. */
export function removeScratch(folder: string): Promise<void> {
  return removeForeign(folder);
}

/** Removes what was used least recently beyond `KEEP` artifacts, and what builds left that were killed. */
export async function sweepCache(cacheDir: string): Promise<void> {
  await sweepOldest(join(cacheDir, ARTIFACTS), KEEP);
  await sweepScratch(cacheDir);
}

/** Removes the folders of builds whose process is gone. */
export async function sweepScratch(cacheDir: string): Promise<void> {
  for (const { name, path } of await aged(join(cacheDir, SCRATCH))) {
    const [, pid, start_time] = name.split('.').map(Number);
    if (pid === undefined || start_time === undefined || !isAlive({ pid, start_time }))
      await removeForeign(path);
  }
}

/** Removes what was used least recently beyond so many. */
export async function sweepOldest(folder: string, keep: number): Promise<void> {
  const kept = await aged(folder);
  const goners = kept.sort((left, right) => right.usedAt - left.usedAt).slice(keep);
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

async function aged(
  folder: string,
): Promise<{ readonly name: string; readonly path: string; readonly usedAt: number }[]> {
  try {
    const names = await readdir(folder);
    return await Promise.all(
      names.map(async (name) => {
        const path = join(folder, name);
        return { name, path, usedAt: (await stat(path)).mtimeMs };
      }),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
