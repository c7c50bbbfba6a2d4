import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { isBelow } from '../app-file.ts';

/** Where the files of an app lie that is bundled. */
export interface AppTree {
  /** Real path of its folder. */
  readonly root: string;
  /** Folder with a `node_modules` of the app's packages, or a link to one, where they are not in its own folder; else null. */
  readonly packages: string | null;
}

/** Does a path lie in the app, links aside? */
export function isOfApp({ root, packages }: AppTree, path: string): boolean {
  return isBelow(root, path) || (packages !== null && isBelow(packages, path));
}

/** Is this a file that may be read for the app? @param real its real path */
export async function isReadForApp({ root, packages }: AppTree, real: string): Promise<boolean> {
  return isBelow(root, real) || (packages !== null && isBelow(await realpath(folderOf(packages)), real));
}

/** Where the bundler looks for packages besides the folders above the importing file. */
export function packageFolders({ packages }: AppTree): string[] {
  return packages === null ? [] : [folderOf(packages)];
}

function folderOf(packages: string): string {
  return join(packages, 'node_modules');
}
