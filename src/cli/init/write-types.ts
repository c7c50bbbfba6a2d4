import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readAppSource } from '../check/app-source.ts';
import { APP_TYPES_FILE, appTypes } from './app-types.ts';

/**
 * Writes the types of what the platform gives to app code into the folder of an app, over those of an earlier version.
 *
 * @returns the file's path in the folder
 * @throws TabbifyError `app_folder` when there is no app
 */
export async function writeTypes(cwd: string, dir: string): Promise<string> {
  await readAppSource(cwd, dir, false);
  await writeFile(resolve(cwd, dir, APP_TYPES_FILE), await appTypes());
  return APP_TYPES_FILE;
}
