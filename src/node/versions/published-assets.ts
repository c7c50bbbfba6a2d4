import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isFilesAlone, type Manifest } from '../../app/index.ts';
import type { Assets } from '../../state/index.ts';
import { nodeError } from '../errors.ts';

/** Static files of a version as the log keeps them; null: there are none. */
export function publishedAssets({ build }: Pick<Manifest, 'build'>): Assets | null {
  return build.assets === null ? null : { folder: build.assets, alone: isFilesAlone(build) };
}

/**
 * What the manifest names as static files has to be among what was pushed.
 *
 * @param folder with the version's files
 * @throws manifest_invalid
 */
export async function requireAssets(folder: string, { build }: Pick<Manifest, 'build'>): Promise<void> {
  const { assets } = build;
  if (assets === null || (await holdsSomething(join(folder, assets)))) return;
  throw nodeError('manifest_invalid', {
    what: `\`build.assets\` names the folder \`${assets}\`, and nothing in it was pushed`,
    hint: 'Build the static files first, and see that .tabbifyignore does not name their folder',
  });
}

/** A file or a folder of files; empty folders are not kept. */
async function holdsSomething(path: string): Promise<boolean> {
  try {
    return (await readdir(path)).length > 0;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}
