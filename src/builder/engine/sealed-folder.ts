import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestFile } from '../source-digest.ts';

/** Digests of all the other files of a folder, by their names. */
const SEAL = 'seal.json';

/** Notes what is in a folder of files. */
export async function seal(folder: string): Promise<void> {
  await writeFile(join(folder, SEAL), JSON.stringify(await digestsIn(folder)));
}

/** Does a folder hold what it held when it was sealed? False also where there is none. */
export async function isSealed(folder: string): Promise<boolean> {
  try {
    const noted = await readFile(join(folder, SEAL), 'utf8');
    return noted === JSON.stringify(await digestsIn(folder));
  } catch {
    return false; // whatever keeps it from being read
  }
}

async function digestsIn(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => name !== SEAL).sort();
  const entries = names.map(async (name) => [name, await digestFile(join(folder, name))] as const);
  return Object.fromEntries(await Promise.all(entries));
}
