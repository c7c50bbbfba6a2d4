import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FOLD_FOLDER, hashOfCode } from '../../state/index.ts';

/** Hash of the code that folds in this process: snapshots of other code are not read. Reads some forty small files. */
export async function codeHash(): Promise<string> {
  const folder = fileURLToPath(FOLD_FOLDER);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map(async (file) => ({
      path: file.slice(folder.length).replaceAll(sep, '/'),
      text: await readFile(file, 'utf8'),
    }));
  return hashOfCode(await Promise.all(files));
}
