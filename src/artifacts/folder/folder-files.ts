import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, TabbifyError } from '../../kit/index.ts';
import { artifactError } from '../errors.ts';
import { byBytes, nameGuard, pathFault, quotedName } from '../portable-path.ts';
import { codeOf } from './storage-fault.ts';

/** A file of a folder that is to be published. */
export interface FolderFile {
  /** Relative to the folder, `/`-separated. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * All files below a folder, in the order of their paths' bytes. Empty folders leave no trace.
 *
 * @param leaveOut asked for every path, folders with a `/` at the end; what it names is not looked at
 * @throws folder_invalid for links, devices, sockets and names that are not portable, naming the first; for a folder
 *   that cannot be read
 */
export async function folderFiles(
  folder: string,
  leaveOut: (path: string) => boolean = () => false,
): Promise<readonly FolderFile[]> {
  const files: FolderFile[] = [];
  const names = nameGuard();
  const visit = async (base: string): Promise<void> => {
    const entries = await readdir(join(folder, base), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => byBytes(a.name, b.name))) {
      const path = base === '' ? entry.name : `${base}/${entry.name}`;
      if (leaveOut(entry.isDirectory() ? `${path}/` : path)) continue;
      const fault = pathFault(path) ?? names.add(path, entry.isDirectory() ? 'folder' : 'file');
      if (fault !== null) throw invalidFolder(path, fault, 'Rename it');
      if (entry.isDirectory()) await visit(path);
      else if (entry.isFile()) files.push({ path, size: (await lstat(join(folder, path))).size });
      else
        throw invalidFolder(
          path,
          `it is ${entry.isSymbolicLink() ? 'a link' : 'no plain file'}`,
          'Remove it',
        );
    }
  };
  try {
    await visit('');
  } catch (error) {
    throw codeOf(error) === null || error instanceof TabbifyError ? error : unreadable(folder, error);
  }
  return files.sort((a, b) => byBytes(a.path, b.path));
}

function unreadable(folder: string, error: unknown) {
  return artifactError('folder_invalid', {
    what: `The folder ${quotedName(folder)} cannot be read`,
    why: messageOf(error),
    hint: 'Check the path and its permissions.',
    cause: error,
  });
}

function invalidFolder(path: string, why: string, remedy: string) {
  return artifactError('folder_invalid', {
    what: `${quotedName(path)} cannot be published`,
    why,
    hint: `${remedy}, or name it in \`.tabbifyignore\`.`,
  });
}
