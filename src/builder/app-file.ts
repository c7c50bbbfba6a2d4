import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';

/** Whether `path` is `root` or below it; both absolute. Says nothing about links. */
export function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/**
 * The real path of a file of an app, when it and all links on the way lie in the app's folder; null when there is no
 * such file or it leads out.
 */
export async function fileOfApp(folder: string, path: string): Promise<string | null> {
  const root = await realpath(folder);
  const absolute = resolve(root, path);
  if (!isBelow(root, absolute)) return null;
  try {
    const real = await realpath(absolute);
    return isBelow(root, real) ? real : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP';
}
