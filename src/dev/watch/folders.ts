import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders that no app is made of, at any depth. What is installed says so in `node_modules` itself. */
const NEVER = new Set(['node_modules', '.git', '.hg', '.svn', '.tabbify']);

/** Is a folder of this name passed over? @param isTop it lies in the app's folder itself */
function isPassedOver(name: string, isTop: boolean): boolean {
  return NEVER.has(name) || (isTop && name === 'target');
}

/** A folder that is looked at, and what tells it from another one at its place. */
export interface SeenFolder {
  readonly path: string;
  /** Inode and birth: the number of one that is gone is given to the next. */
  readonly identity: string;
  readonly entries: readonly Dirent[];
}

/** All folders of an app, the app's own first, and `node_modules` without what is below it. What vanishes meanwhile is left out. */
export async function foldersOf(root: string): Promise<readonly SeenFolder[]> {
  const found: SeenFolder[] = [];
  const open = [root];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const seen = await lookAt(path);
    if (seen === null) continue;
    found.push(seen);
    for (const entry of seen.entries) {
      if (entry.isDirectory() && !isPassedOver(entry.name, path === root)) open.push(join(path, entry.name));
    }
  }
  const installed = await lookAt(join(root, 'node_modules'));
  return installed === null ? found : [...found, { ...installed, entries: [] }];
}

async function lookAt(path: string): Promise<SeenFolder | null> {
  try {
    const [{ ino, birthtimeMs }, entries] = await Promise.all([
      stat(path),
      readdir(path, { withFileTypes: true }),
    ]);
    return { path, identity: `${ino} ${birthtimeMs}`, entries };
  } catch {
    return null;
  }
}
