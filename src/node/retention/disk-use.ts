import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Bytes of the files below some paths, as their lengths say; what is not there counts nothing. A file that goes while it
 * looks counts nothing either.
 */
export async function bytesBelow(paths: readonly string[]): Promise<number> {
  let total = 0;
  for (const path of paths) {
    const found = await stat(path).catch(() => null);
    if (found === null) continue;
    if (!found.isDirectory()) {
      total += found.size;
      continue;
    }
    const names = await readdir(path).catch(() => []);
    total += await bytesBelow(names.map((name) => join(path, name)));
  }
  return total;
}
