import { link, mkdir, open, readdir, readFile, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { syncDirectory } from '../../kit/index.ts';
import { checkKey, checkPrefix, invalidKey, unknownObject } from '../object-key.ts';
import type { ObjectStore } from '../object-store.ts';
import { byBytes } from '../portable-path.ts';
import { removeLeftovers, unfinishedName } from './leftovers.ts';
import { codeOf, storageFault } from './storage-fault.ts';

/** Where objects are written before they get their name; no key begins with a dot. */
const INCOMING = '.incoming';
const ABSENT: readonly (string | null)[] = ['ENOENT', 'ENOTDIR', 'EISDIR'];

/**
 * Objects as files below a folder (0700), a key being the path. An object appears whole (fsync, then rename or link)
 * or not at all; what killed writers left is removed here. Several processes may have the folder open.
 * A key that is the beginning of another (`a` and `a/b`) is refused, as a file is no folder.
 *
 * @throws store_unavailable
 */
export async function openFolderStore(path: string): Promise<ObjectStore> {
  const folder = resolve(path);
  const incoming = join(folder, INCOMING);
  const attempt = async <T>(doing: string, action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      throw storageFault(error, doing);
    }
  };
  const fileOf = (key: string) => join(folder, checkKey(key));

  await attempt(`use the folder ${folder}`, async () => {
    await mkdir(incoming, { recursive: true, mode: 0o700 });
    await removeLeftovers(incoming);
  });

  /** Writes the body under a temporary name, then lets `place` give it its own. */
  const write = async <T>(
    key: string,
    body: Uint8Array | Readable,
    place: (from: string, to: string) => Promise<T>,
  ): Promise<T> => {
    const target = fileOf(key);
    return attempt('store an object', async () => {
      const temporary = join(incoming, unfinishedName());
      try {
        await writeDurably(temporary, body);
        return await inFolder(target, () => place(temporary, target));
      } catch (error) {
        if (['EISDIR', 'ENOTDIR', 'EEXIST'].includes(codeOf(error) ?? '')) {
          throw invalidKey(key, 'a part of it is a key already, or it is a part of one', error);
        }
        if (codeOf(error) === 'ENAMETOOLONG') throw invalidKey(key, 'it is too long for the disk', error);
        throw error;
      } finally {
        await rm(temporary, { force: true });
      }
    });
  };

  const read = async <T>(key: string, action: (path: string) => Promise<T>): Promise<T> => {
    const path = fileOf(key);
    return attempt('read an object', () =>
      action(path).catch((error: unknown) => {
        throw ABSENT.includes(codeOf(error)) ? unknownObject(key, error) : error;
      }),
    );
  };

  return {
    put: (key, body) => write(key, body, rename),
    putIfAbsent: (key, body) =>
      write(key, body, (from, to) =>
        link(from, to).then(
          () => true,
          (error: unknown) => {
            if (codeOf(error) === 'EEXIST') return false;
            throw error;
          },
        ),
      ),
    get: (key) => read(key, (path) => readFile(path)),
    stream: (key) =>
      read(key, async (path) => {
        const file = await open(path);
        if ((await file.stat()).isFile()) return file.createReadStream();
        await file.close();
        throw unknownObject(key);
      }),
    list: async (prefix) => {
      const start = checkPrefix(prefix).split('/').slice(0, -1).join('/');
      return attempt('list objects', async () => {
        const keys = await filesBelow(folder, start);
        return keys.filter((key) => key.startsWith(prefix)).sort(byBytes);
      });
    },
    delete: async (key) => {
      const path = fileOf(key);
      await attempt('delete an object', async () => {
        try {
          await unlink(path);
          await syncDirectory(dirname(path));
        } catch (error) {
          if (!ABSENT.includes(codeOf(error))) throw error;
        }
        await removeEmptyFolders(folder, dirname(path));
      });
    },
  };
}

async function writeDurably(path: string, body: Uint8Array | Readable): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(body);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Runs `place` with the target's folder there and makes the new name durable. */
async function inFolder<T>(target: string, place: () => Promise<T>): Promise<T> {
  const parent = dirname(target);
  for (let tries = 0; ; tries++) {
    let created: string | undefined;
    let placed: T;
    try {
      created = await mkdir(parent, { recursive: true, mode: 0o700 });
      placed = await place();
    } catch (error) {
      // A delete next door may have removed the folder as empty in between; a recursive mkdir that finds a name and, looking
      // at it, finds it gone says that it is no folder.
      if (['ENOENT', 'ENOTDIR', 'EEXIST'].includes(codeOf(error) ?? '') && tries < 10) continue;
      throw error;
    }
    await syncFrom(parent, created === undefined ? parent : dirname(created));
    return placed;
  }
}

/** Makes a folder and those above it durable, up to and including `top`. */
async function syncFrom(folder: string, top: string): Promise<void> {
  for (let at = folder; at.length >= top.length; at = dirname(at)) {
    try {
      await syncDirectory(at);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error; // deleted since
    }
    if (at === top) return;
  }
}

async function filesBelow(root: string, start: string): Promise<string[]> {
  const keys: string[] = [];
  const pending = [start];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const entries = await readdir(join(root, at), { withFileTypes: true }).catch((error: unknown) => {
      if (ABSENT.includes(codeOf(error))) return [];
      throw error;
    });
    for (const entry of entries) {
      const key = at === '' ? entry.name : `${at}/${entry.name}`;
      if (key === INCOMING) continue;
      if (entry.isDirectory()) pending.push(key);
      else if (entry.isFile()) keys.push(key);
    }
  }
  return keys;
}

async function removeEmptyFolders(root: string, start: string): Promise<void> {
  for (let at = start; at.length > root.length; at = dirname(at)) {
    try {
      await rmdir(at);
    } catch (error) {
      // `place` of a write next door needs it, or somebody else has removed it.
      if (['ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) return;
      if (!ABSENT.includes(codeOf(error))) throw error;
    }
  }
}
