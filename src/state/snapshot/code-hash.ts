import { createHash } from 'node:crypto';
import { z } from 'zod';

/** A file of the program: its path relative to `FOLD_FOLDER`, with `/`, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** The folder whose files decide the fold, with all folders in it; of the installed package the compiled one. */
export const FOLD_FOLDER: URL = new URL('../', import.meta.url);

/** Tests and what only they use decide nothing. */
const BESIDE = /(^|\/)testing\/|\.test\.[cm]?[jt]s$|\.d\.[cm]?ts$|\.map$/;

/**
 * Hash of the code that decides the fold: of its files, and of the libraries that check data and write snapshots.
 * A snapshot made by other code is not read (CONTRACTS §6).
 *
 * @param files those of `FOLD_FOLDER`, in any order; tests among them are left out
 * @returns SHA-256, lower-case hex
 */
export function hashOfCode(files: readonly SourceFile[]): string {
  const { major, minor, patch } = z.core.version;
  const hash = createHash('sha256');
  hash.update(JSON.stringify([`zod ${major}.${minor}.${patch}`, `v8 ${process.versions.v8}`]));
  const deciding = files.filter(({ path }) => !BESIDE.test(path));
  for (const { path, text } of deciding.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    hash.update(JSON.stringify([path, text]));
  }
  return hash.digest('hex');
}
