import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * Files a build never reads, so that a change of rights or a stamped id does not build again. `digest.json` is the platform's
 * list of a published version: the folder a person checked and the version made of it are the same to the builder.
 */
const WITHOUT_EFFECT = new Set(['tabbify.toml', 'manifest.toml', 'tabbify.lock', 'digest.json']);

/** SHA-256 (hex) over the names and contents of all files below a folder, in the order of their names. */
export async function digestTree(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const entry of await entriesOf(folder)) {
    if (WITHOUT_EFFECT.has(entry.path)) continue;
    const content = entry.isLink
      ? `link ${await readlink(join(folder, entry.path))}`
      : await digestFile(join(folder, entry.path));
    hash.update(JSON.stringify([entry.path, content]));
  }
  return hash.digest('hex');
}

/** SHA-256 (hex) of one file. */
export async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

interface Entry {
  readonly path: string;
  readonly isLink: boolean;
}

async function entriesOf(folder: string, prefix = ''): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) entries.push(...(await entriesOf(folder, path)));
    else if (entry.isFile() || entry.isSymbolicLink()) entries.push({ path, isLink: entry.isSymbolicLink() });
  }
  return entries.sort((left, right) => (left.path < right.path ? -1 : 1));
}
