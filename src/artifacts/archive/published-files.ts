import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ignore from 'ignore';
import { type FolderFile, folderFiles } from '../folder/folder-files.ts';
import { codeOf } from '../folder/storage-fault.ts';

/** Patterns in the syntax of `.gitignore`, in the app's folder itself. */
export const IGNORE_FILE = '.tabbifyignore';

/** At the root; elsewhere an app may well have a folder `target`. */
const NEVER_AT_ROOT = new Set(['tabbify.lock', 'target/', '.tabbify/']);
const NEVER_ANYWHERE = new Set(['.git', '.git/', 'node_modules', 'node_modules/']);

/**
 * The files that a push sends (CONTRACTS §5): all but `tabbify.lock`, `target/`, `.git/`, `node_modules/` and what
 * `.tabbifyignore` names, in the order of their paths' bytes.
 *
 * @throws folder_invalid for links, devices and names that are not portable
 */
export async function listFolder(folder: string): Promise<readonly FolderFile[]> {
  const ignored = ignore({ ignorecase: false }).add(await ignorePatterns(folder));
  return folderFiles(folder, (path) => {
    const name = path.slice(path.lastIndexOf('/', path.length - 2) + 1);
    return NEVER_AT_ROOT.has(path) || NEVER_ANYWHERE.has(name) || ignored.ignores(path);
  });
}

async function ignorePatterns(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, IGNORE_FILE), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}
