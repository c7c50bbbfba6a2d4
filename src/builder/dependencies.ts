import { readFile } from 'node:fs/promises';
import { fileOfApp } from './app-file.ts';
import { builderError } from './errors.ts';

/**
 * Whether an app has packages to install.
 *
 * @throws TabbifyError `build_failed` when it names some but has no lockfile to install them from
 */
export async function needsInstall(sourceDir: string): Promise<boolean> {
  const manifest = await readText(sourceDir, 'package.json');
  if (manifest === null) return false;
  let names: string[];
  try {
    names = Object.keys((JSON.parse(manifest) as { dependencies?: object }).dependencies ?? {});
  } catch {
    throw builderError('build_failed', {
      what: 'package.json cannot be read',
      why: 'it is not JSON',
      hint: 'Correct it; `npm pkg get name` shows where it breaks.',
    });
  }
  if (names.length === 0) return false;
  if ((await readText(sourceDir, 'package-lock.json')) !== null) return true;
  throw builderError('build_failed', {
    what: `package.json names ${names.length === 1 ? names[0] : `${names.length} packages`}, but there is no package-lock.json`,
    why: 'packages are installed from a lockfile only, so that a version always builds the same',
    hint: 'Run `npm install` in the app and push again with package-lock.json.',
  });
}

async function readText(sourceDir: string, name: string): Promise<string | null> {
  const path = await fileOfApp(sourceDir, name);
  return path === null ? null : readFile(path, 'utf8');
}
