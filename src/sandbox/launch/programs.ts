import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** Where distributions put what a box is built with. */
const FOLDERS = ['/usr/bin', '/bin', '/usr/local/bin', '/usr/sbin', '/sbin'];

/** Programs of the machine, by absolute path. */
export interface Programs {
  /** bubblewrap. */
  readonly bwrap: string;
  /** util-linux. */
  readonly prlimit: string;
  /** util-linux; only root needs it. */
  readonly setpriv: string;
  /** coreutils. */
  readonly mkfifo: string;
}

/** What of it the machine has. */
export function findPrograms(folders: readonly string[] = FOLDERS): Partial<Programs> {
  const found = ['bwrap', 'prlimit', 'setpriv', 'mkfifo'].flatMap((name) => {
    const path = folders.map((folder) => join(folder, name)).find(isExecutable);
    return path === undefined ? [] : [[name, path]];
  });
  return Object.fromEntries(found);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
