import { fileOfApp } from '../app-file.ts';
import { builderError } from '../errors.ts';

/**
 * Real path of an app's main module.
 *
 * @param root real path of the app's folder
 * @param main path of the module inside it
 * @throws TabbifyError `build_failed` when it is missing or lies outside
 */
export async function mainModule(root: string, main: string): Promise<string> {
  const path = await fileOfApp(root, main);
  if (path !== null) return path;
  throw builderError('build_failed', {
    what: `The app's main module ${main} is not there`,
    why: "no such file lies in the app's folder (links that lead out of it are not followed)",
    hint: 'Name a file of the app as `main` under `[build]` in tabbify.toml.',
  });
}
