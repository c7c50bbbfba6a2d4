import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { syncDirectory } from '../../kit/index.ts';
import { eachLimited } from '../each-limited.ts';
import { removeLeftovers, unfinishedName } from '../folder/leftovers.ts';
import { codeOf, storageFault } from '../folder/storage-fault.ts';
import type { ObjectStore } from '../object-store.ts';
import { checkedFile } from './checked-file.ts';
import { listOf, mismatch } from './read-tree.ts';
import { DIGEST_FILE, type FileDigest, sha256, type TreeFiles } from './tree-digest.ts';

const PARALLEL_READS = 4;

/**
 * Brings a tree into a folder, every byte checked: `digest.json` against the digest that the log has, each file
 * against `digest.json`. The folder exists only when it is whole (with `digest.json` in it); when it is there
 * already with this digest, nothing is fetched. After an error nothing is left behind.
 *
 * @param expectedDigest SHA-256 in lower-case hex
 * @param options.without a folder of the tree that is left out; what is fetched then has no `digest.json`, as it is not whole
 * @throws digest_mismatch naming the file; object_unknown; store_unavailable
 */
export async function fetchTree(
  store: ObjectStore,
  prefix: string,
  expectedDigest: string,
  intoFolder: string,
  options: { readonly without?: string | undefined } = {},
): Promise<void> {
  const target = resolve(intoFolder);
  if (await isThere(target, expectedDigest)) return;
  const before = `.${basename(target)}.partial.`;
  const partial = join(dirname(target), unfinishedName(before));
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await removeLeftovers(dirname(target), before);
    await mkdir(partial, { mode: 0o700 });
    await fetchInto(store, prefix, expectedDigest, partial, options.without);
    await moveInto(partial, target, expectedDigest);
  } catch (error) {
    throw storageFault(error, 'keep what was fetched');
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function isThere(target: string, expectedDigest: string): Promise<boolean> {
  let found: Buffer;
  try {
    found = await readFile(join(target, DIGEST_FILE));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw storageFault(error, 'read what was fetched');
  }
  if (sha256(found) === expectedDigest) return true;
  throw mismatch(join(target, DIGEST_FILE), 'the folder holds another version', 'Remove the folder.');
}

async function fetchInto(
  store: ObjectStore,
  prefix: string,
  digest: string,
  folder: string,
  without: string | undefined,
): Promise<void> {
  const { bytes: list, files: all } = await listOf(store, prefix, digest);
  const files =
    without === undefined ? all : new Map([...all].filter(([path]) => !path.startsWith(`${without}/`)));
  for (const path of foldersOf(files)) await mkdir(join(folder, path), { recursive: true, mode: 0o700 });
  await eachLimited(files, PARALLEL_READS, ([path, expected]) =>
    fetchFile(store, `${prefix}/${path}`, expected, join(folder, path)),
  );
  if (without === undefined) await writeWhole(join(folder, DIGEST_FILE), [list]);
  for (const path of ['', ...foldersOf(files)]) await syncDirectory(join(folder, path));
}

function fetchFile(store: ObjectStore, key: string, expected: FileDigest, path: string): Promise<void> {
  return writeWhole(path, checkedFile(store, key, expected));
}

async function writeWhole(
  path: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(chunks);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Two fetches of one tree may run at once: the second finds the first one's result. */
async function moveInto(partial: string, target: string, expectedDigest: string): Promise<void> {
  try {
    await rename(partial, target);
  } catch (error) {
    const taken = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(codeOf(error) ?? '');
    if (!taken || !(await isThere(target, expectedDigest))) throw error;
    return;
  }
  await syncDirectory(dirname(target));
}

function foldersOf(files: TreeFiles): readonly string[] {
  return [...new Set([...files.keys()].map(dirname))].filter((path) => path !== '.');
}
