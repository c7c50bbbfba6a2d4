import { lstat, mkdir, open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { MANIFEST_FILE, slugOf } from '../../app/index.ts';
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
 * Can an app be written there at all? Asked before a person is asked what it is to begin with.
 *
 * @throws TabbifyError `would_overwrite` where an app is already; `app_name_invalid`, `app_name_reserved`, `app_folder`
 */
export async function requireRoomForApp(cwd: string, dir: string): Promise<void> {
  const root = resolve(cwd, dir);
  slugOf(basename(root));
  if (await exists(join(root, MANIFEST_FILE))) throw wouldOverwrite(dir, [MANIFEST_FILE]);
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
  if (present.length > 0) throw wouldOverwrite(dir, present);
  for (const [path, content] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await using file = await open(join(root, path), 'wx'); // refuses a file that has appeared meanwhile
    await file.writeFile(content);
  }
  return { name, files: [...files.keys()].sort(), hasPackages: files.has('package-lock.json') };
}

function wouldOverwrite(dir: string, present: readonly string[]) {
  const isApp = present.includes(MANIFEST_FILE);
  return cliError('would_overwrite', {
    what: `${dir} already holds ${isApp ? 'an app' : 'files that an app begins with'}`,
    why: `${present.join(', ')} would be overwritten`,
    hint: isApp
      ? `Choose another folder, or go on with this one: \`${pushCommand(dir)}\`.`
      : 'Choose another folder, or move them out of the way.',
  });
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
