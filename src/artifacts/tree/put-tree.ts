import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { eachLimited } from '../each-limited.ts';
import { artifactError } from '../errors.ts';
import { folderFiles } from '../folder/folder-files.ts';
import type { ObjectStore } from '../object-store.ts';
import { DIGEST_FILE, type FileDigest, formatTreeDigest, parseTreeDigest, sha256 } from './tree-digest.ts';

/** Enough to keep a disk's or a bucket's latency from adding up file by file. */
const PARALLEL_WRITES = 8;

/** What was stored. */
export interface StoredTree {
  /** SHA-256 of `digest.json`, lower-case hex. */
  readonly digest: string;
  readonly files: number;
  /** Sum of the files, without `digest.json`. */
  readonly bytes: number;
}

/**
 * Stores every file of a folder below `<prefix>/`, then `<prefix>/digest.json`. A tree without that last file is
 * unfinished. A `digest.json` in the folder that an earlier fetch has left is not part of the tree.
 *
 * @param options.immutable refuse when the prefix holds a finished tree already
 * @throws folder_invalid for what no artifact may hold; version_conflict; the store's errors
 */
export async function putTree(
  store: ObjectStore,
  prefix: string,
  folder: string,
  options: { readonly immutable?: boolean } = {},
): Promise<StoredTree> {
  const found = await folderFiles(folder);
  if (found.some(({ path }) => path === DIGEST_FILE)) await checkOwnDigest(folder);
  const digests = new Map<string, FileDigest>();
  const files = found.filter(({ path }) => path !== DIGEST_FILE);
  await eachLimited(files, PARALLEL_WRITES, async ({ path }) => {
    digests.set(path, await putFile(store, `${prefix}/${path}`, join(folder, path)));
  });
  const text = formatTreeDigest(digests);
  await putDigest(store, `${prefix}/${DIGEST_FILE}`, text, options.immutable ?? false);
  const bytes = [...digests.values()].reduce((sum, { size }) => sum + size, 0);
  return { digest: sha256(text), files: digests.size, bytes };
}

async function putFile(store: ObjectStore, key: string, path: string): Promise<FileDigest> {
  const hash = createHash('sha256');
  let size = 0;
  const passing = async function* () {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  };
  await store.put(key, Readable.from(passing(), { objectMode: false }));
  return { sha256: hash.digest('hex'), size };
}

async function putDigest(store: ObjectStore, key: string, text: string, immutable: boolean): Promise<void> {
  const body = Buffer.from(text);
  if (!immutable) return store.put(key, body);
  if (!(await store.putIfAbsent(key, body))) {
    throw artifactError('version_conflict', {
      what: `${key} is there already`,
      why: 'a finished version never changes',
      hint: 'Push again to get the next number.',
    });
  }
}

/** An app's own file of that name would be lost without a word. */
async function checkOwnDigest(folder: string): Promise<void> {
  if (parseTreeDigest(await readFile(join(folder, DIGEST_FILE), 'utf8')) !== null) return;
  throw artifactError('folder_invalid', {
    what: `\`${DIGEST_FILE}\` cannot be published`,
    why: 'the platform keeps the list of a version’s files under that name',
    hint: 'Rename it, or move it into a folder.',
  });
}
