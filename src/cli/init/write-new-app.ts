import { lstat, mkdir, open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { slugOf } from '../../app/index.ts';
import { cliError } from '../errors.ts';
import { pushCommand } from '../push/push-command.ts';
import { appTypes } from './app-types.ts';
import { newAppFiles } from './new-app-files.ts';
import { templateFiles } from './templates.ts';

/** What is there now. */
export interface WrittenApp {
  /** From the folder's. */
  readonly name: string;
  readonly files: readonly string[];
  /** Are there packages that its author's tools will look for? */
  readonly hasPackages: boolean;
}

/**
 * Writes the files of a new app.
 *
 * @param schemaUrl where editors find the format of the manifest
 * @throws TabbifyError `would_overwrite` before anything is written; `app_name_invalid`, `app_name_reserved`; `usage` for a template
 *   that is not there
 */
export async function writeNewApp(
  cwd: string,
  dir: string,
  { template, schemaUrl }: { readonly template: string; readonly schemaUrl: string },
): Promise<WrittenApp> {
  const root = resolve(cwd, dir);
  const name = slugOf(basename(root));
  const [example, types] = await Promise.all([templateFiles(template), appTypes()]);
  const files = newAppFiles({ name, template, example, schemaUrl, types });
  const present: string[] = [];
  for (const path of files.keys()) {
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
  return { name, files: [...files.keys()].sort(), hasPackages: files.has('package-lock.json') };
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
