import { cp, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LENDER } from '../../src/runner/testing/index.ts';

/**
 * What an office readies for its builds takes 15 s of processor time, and is the same for every home. In a run of many offices the first to
 * end leaves it for those after it.
 */
export async function lendPrepared(home: string): Promise<void> {
  const shared = await sharedBuilds();
  if (shared === null) return;
  await mkdir(preparedOf(home), { recursive: true, mode: 0o700 });
  for (const name of await whole(shared)) {
    await cp(join(shared, name), join(preparedOf(home), name), { recursive: true });
  }
}

/** Leaves what a home has for others. */
export async function leavePrepared(home: string): Promise<void> {
  const shared = await sharedBuilds();
  if (shared === null) return;
  const there = new Set(await whole(shared));
  for (const name of await whole(preparedOf(home))) {
    if (there.has(name)) continue;
    const made = await mkdtemp(join(shared, '.coming-'));
    await cp(join(preparedOf(home), name), join(made, name), { recursive: true });
    await rename(join(made, name), join(shared, name)).catch(() => {}); // another left it meanwhile
    await rm(made, { recursive: true, force: true });
  }
}

async function sharedBuilds(): Promise<string | null> {
  const lender = process.env[LENDER];
  if (lender === undefined) return null;
  const folder = join(lender, 'builds');
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Where an office keeps it; elsewhere it would be made anew, which is slower and right. */
function preparedOf(home: string): string {
  return join(home, 'cache', 'builds', 'prepared');
}

/** Names of folders that are complete: an office and the above put them there with one rename. */
async function whole(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => ({ name, isFolder: (await stat(join(folder, name))).isDirectory() })),
  );
  return found.filter(({ name, isFolder }) => isFolder && !name.startsWith('.')).map(({ name }) => name);
}
