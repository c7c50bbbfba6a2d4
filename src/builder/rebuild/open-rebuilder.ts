import { realpath } from 'node:fs/promises';
import type { Rebuilder } from './rebuilder.ts';

export interface RebuilderOptions {
  /** The app's folder. */
  readonly root: string;
  /** Folder with a `node_modules` of its packages, or a link to one, where it has none itself; else null. */
  readonly packages: string | null;
  /** Path of its main module inside the folder. */
  readonly main: string;
  /** Folder of the engine that loads it (`prepareEngine`), asked for when an artifact is written. Missing: it is made a module. */
  readonly engine?: () => Promise<string>;
}

/**
 * Gets ready to make what runs an app again and again, with what a build does. The bundler is loaded by this call.
 *
 * @throws the file system's error when there is no such folder
 */
export async function openRebuilder({ root, packages, main, engine }: RebuilderOptions): Promise<Rebuilder> {
  const tree = { root: await realpath(root), packages };
  if (engine !== undefined) {
    const { rebuildForEngine } = await import('../child/component/engine-rebuilder.ts');
    return rebuildForEngine(tree, main, engine);
  }
  const { rebuildModule } = await import('./module-rebuilder.ts');
  return rebuildModule(tree, main);
}
