import { lstat, mkdir, open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { slugOf } from '../../app/index.ts';
import { cliError } from '../errors.ts';
import { pushCommand } from '../push/push-command.ts';
import { newAppFiles } from './template.ts';

/**
 * Writes the files of a new app.
 *
 * @param schemaUrl where editors find the format of the manifest
 * @returns the app's name, from the folder's, and the paths that were written
 * @throws TabbifyError `would_overwrite` before anything is written; `app_name_invalid`, `app_name_reserved`
 */
export async function writeNewApp(
  cwd: string,
  dir: string,
  schemaUrl: string,
): Promise<{ name: string; files: string[] }> {
  const root = resolve(cwd, dir);
  const name = slugOf(basename(root));
  const files = Object.entries(newAppFiles(name, schemaUrl));
  const present: string[] = [];
  for (const [path] of files) {
    if (await exists(join(root, path))) present.push(path);
  }
  if (present.length > 0) {
    throw cliError('would_overwrite', {
      what: `${dir} already holds an app or a part of one`,
      why: `${present.join(', ')} would be overwritten`,
      hint: `Choose another folder, or go on with this one: \`${pushCommand(dir)}\`.`,
    });
  }
  for (const [path, content] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await using file = await open(join(root, path), 'wx'); // refuses a file that has appeared meanwhile
    await file.writeFile(content);
  }
  return { name, files: files.map(([path]) => path) };
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return false;
    if (code !== 'ENOTDIR') throw error;
    throw cliError('app_folder', {
      what: `${dirname(path)} cannot hold an app`,
      why: 'a part of that path is a file',
      hint: 'Name a folder, or one that does not exist yet.',
      cause: error,
    });
  }
}
