import { chmod, mkdir, opendir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../../kit/index.ts';
import { makeScratch, removeScratch } from '../artifact-cache.ts';
import type { ArtifactKind } from '../artifact-kind.ts';
import { aborted } from '../build-failures.ts';
import { builderDigest } from '../builder-digest.ts';
import type { ArtifactTask } from '../child/protocol.ts';
import { cachingOrder } from './build-order.ts';
import { runInBox } from './run-in-box.ts';

const PREPARED = 'prepared';
/** The engine's machine code takes 8 seconds, more on a busy machine. */
const PREPARE_MS = 180_000;
/** The smallest app. */
const MODULE = 'export default { fetch: () => new Response(null, { status: 204 }) };';
const TASKS: Readonly<Record<ArtifactKind, ArtifactTask>> = {
  module: { kind: 'module', main: 'index.js' },
  'wasm-http': { kind: 'wasm-http', input: { main: 'index.js' }, memoryMb: 64, engineCacheDir: '' },
};

const underWay = new Map<string, Promise<string>>();

/**
 * The folder with what builds of a kind need again and again: the builder's own code as Node has compiled it, the engine's machine code.
 * Whoever writes them can put code into all later builds, so they are made by a build of our own smallest app alone, and shown to others to
 * read. What is just being made is waited for.
 *
 * @returns null when they are not there: builds are slower without them, and right
 * @throws TabbifyError `build_aborted` when the signal aborts meanwhile
 */
export async function preparedCaches(
  cacheDir: string,
  kind: ArtifactKind,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const folder = await folderOf(cacheDir, kind);
  if (await isFolder(folder)) return folder;
  const making = underWay.get(folder);
  if (making === undefined) return null;
  const gone = Promise.withResolvers<null>();
  const giveUp = (): void => gone.reject(aborted());
  if (signal?.aborted) giveUp();
  signal?.addEventListener('abort', giveUp, { once: true });
  const made = making.catch(() => null);
  return Promise.race([made, gone.promise]).finally(() => signal?.removeEventListener('abort', giveUp));
}

/**
 * Makes them, where they are not there.
 *
 * @throws TabbifyError `build_aborted`, `build_timeout`, `build_broken`
 */
export async function prepareCaches(
  home: string,
  cacheDir: string,
  kind: ArtifactKind,
  signal?: AbortSignal,
): Promise<string> {
  const folder = await folderOf(cacheDir, kind);
  if (await isFolder(folder)) return folder;
  const making = underWay.get(folder) ?? make(home, cacheDir, folder, kind, signal);
  underWay.set(folder, making);
  return making.finally(() => {
    if (underWay.get(folder) === making) underWay.delete(folder);
  });
}

async function make(
  home: string,
  cacheDir: string,
  folder: string,
  kind: ArtifactKind,
  signal: AbortSignal | undefined,
): Promise<string> {
  const scratchDir = await makeScratch(cacheDir);
  try {
    const [source, caches] = [join(scratchDir, 'source'), join(scratchDir, 'caches')];
    await Promise.all([mkdir(source), mkdir(caches)]);
    await chmod(source, 0o755);
    await writeFile(join(source, 'index.js'), MODULE);
    const deadline = performance.now() + PREPARE_MS;
    await runInBox(
      { home, scratchDir, deadline, timeoutMs: PREPARE_MS, signal, onProgress: () => {} },
      { ...cachingOrder(TASKS[kind], source, caches), artifact: null },
    );
    await openToReaders(caches);
    await moveIn(caches, folder, kind);
    return folder;
  } finally {
    await removeScratch(scratchDir);
  }
}

/** Those of another state of the builder go. */
async function moveIn(caches: string, folder: string, kind: ArtifactKind): Promise<void> {
  const parent = join(folder, '..');
  await mkdir(parent, { recursive: true, mode: 0o700 });
  try {
    await rename(caches, folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error; // made twice at once: they are the same
  }
  await syncDirectory(parent);
  for (const name of await readdir(parent)) {
    const other = join(parent, name);
    if (other !== folder && name.startsWith(`${kind}-`)) await rm(other, { recursive: true, force: true });
  }
}

/** Named after what decides what is in it. */
async function folderOf(cacheDir: string, kind: ArtifactKind): Promise<string> {
  const digest = (await builderDigest(kind)).slice('sha256:'.length, 'sha256:'.length + 16);
  return join(cacheDir, PREPARED, `${kind}-${process.version}-${digest}`);
}

/** Node keeps its own to whoever made them. */
async function openToReaders(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for await (const entry of await opendir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToReaders(path);
    else if (entry.isFile()) await chmod(path, 0o644);
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
