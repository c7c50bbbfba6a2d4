import { realpath } from 'node:fs/promises';
import type { Rebuilder } from './rebuilder.ts';

export interface RebuilderOptions {
  /** The app's folder. */
  readonly root: string;
  /** Folder with a `node_modules` of its packages, or a link to one, where it has none itself; else null. */
  readonly packages: string | null;
  /** Path of its main module inside the folder. */
  readonly main: string;
}

/**
 * Gets ready to make the module of an app again and again, with what a build does. The bundler is loaded by this call.
 *
 * @throws the file system's error when there is no such folder
 */
export async function openRebuilder({ root, packages, main }: RebuilderOptions): Promise<Rebuilder> {
  const { rebuildModule } = await import('./module-rebuilder.ts');
  return rebuildModule({ root: await realpath(root), packages }, main);
}
