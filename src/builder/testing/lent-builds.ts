import { cp, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LENDER, madeOnce } from '../../kit/testing/index.ts';
import { buildCacheDirectory } from '../cache-directory.ts';
import { prepareBuilder } from '../prepare-builder.ts';

/** Of the test run; a home for builds alone. */
const HOME = 'builds';

/**
 * Home in which the tests of a run build the apps of this checkout: what one file has built another takes out of its cache, whose keys say
 * what it was made of. For those that want an artifact; who tests builds needs a home of his own.
 *
 * @param own the home where there is no run
 */
export async function sharedBuilds(own: string): Promise<string> {
  return (await madeOnce(HOME, async () => {})) ?? own;
}

/** The same, with what the builder readies: it takes 15 s of processor time in each home. */
export async function preparedBuilds(own: string): Promise<string> {
  const home = await sharedBuilds(own);
  const prepare = (): Promise<void> => prepareBuilder(home);
  if ((await madeOnce('builds-are-ready', prepare)) === null) await prepare();
  return home;
}

/** Copies the machine code of the engine of components to where a build that is no order of a home keeps it. */
export async function lendEngineCode(folder: string): Promise<void> {
  if (process.env[LENDER] === undefined) return;
  const prepared = preparedOf(await preparedBuilds(folder));
  for (const name of await whole(prepared)) {
    const code = join(prepared, name, 'engine');
    if (name.startsWith('wasm-http-')) await cp(code, folder, { recursive: true });
  }
}

/** Gives a home what the run has readied for builds, where it has. */
export async function lendPrepared(home: string): Promise<void> {
  const shared = sharedPrepared();
  if (shared === null) return;
  await mkdir(preparedOf(home), { recursive: true, mode: 0o700 });
  for (const name of await whole(shared)) {
    await cp(join(shared, name), join(preparedOf(home), name), { recursive: true });
  }
}

/** Leaves to others what a home has readied; nothing foreign may have run in it. */
export async function leavePrepared(home: string): Promise<void> {
  const shared = sharedPrepared();
  if (shared === null) return;
  await mkdir(shared, { recursive: true, mode: 0o700 });
  const there = new Set(await whole(shared));
  for (const name of await whole(preparedOf(home))) {
    if (there.has(name)) continue;
    const made = await mkdtemp(join(shared, '.coming-'));
    await cp(join(preparedOf(home), name), join(made, name), { recursive: true });
    await rename(join(made, name), join(shared, name)).catch(() => {}); // another left it meanwhile
    await rm(made, { recursive: true, force: true });
  }
}

function sharedPrepared(): string | null {
  const lender = process.env[LENDER];
  return lender === undefined ? null : preparedOf(join(lender, HOME));
}

/** Where the builder keeps it; elsewhere it would be made anew, which is slower and right. */
function preparedOf(home: string): string {
  return join(buildCacheDirectory(home), 'prepared');
}

/** Names of folders that are complete: the builder and the above put them there with one rename. */
async function whole(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => ({ name, isFolder: (await stat(join(folder, name))).isDirectory() })),
  );
  return found.filter(({ name, isFolder }) => isFolder && !name.startsWith('.')).map(({ name }) => name);
}
