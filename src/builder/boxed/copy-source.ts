import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, opendir, readlink, symlink } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileOfApp } from '../app-file.ts';
import { builderError } from '../errors.ts';

/** What of an app a build is given. */
const MAX_BYTES = 1 << 30;
const MAX_ENTRIES = 50_000;
/** The user of a box is another one. */
const READABLE = { file: 0o644, folder: 0o755 } as const;

/**
 * Copies an app for the box that builds it: files, folders, and links as they are, which lead nowhere but into the box there.
 *
 * @param to is made
 * @param leftOut names of files and folders, wherever they lie
 * @throws TabbifyError `build_failed` when it is too large
 */
export async function copySource(from: string, to: string, leftOut: ReadonlySet<string>): Promise<void> {
  const open = [''];
  let bytes = 0;
  let entries = 0;
  await makeFolder(to);
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    for await (const entry of await opendir(join(from, path))) {
      if (leftOut.has(entry.name)) continue;
      const inside = join(path, entry.name);
      const [source, copy] = [join(from, inside), join(to, inside)];
      if (entry.isDirectory()) {
        await makeFolder(copy);
        open.push(inside);
      } else if (entry.isSymbolicLink()) await symlink(await readlink(source), copy);
      else if (entry.isFile()) {
        bytes += (await lstat(source)).size;
        if (bytes <= MAX_BYTES) await copyReadable(source, copy);
      } else continue;
      if (++entries > MAX_ENTRIES || bytes > MAX_BYTES) throw tooLarge();
    }
  }
}

/**
 * Copies single files of an app, those that are there: links that stay inside are followed here.
 *
 * @param to is made
 */
export async function copyFilesOf(from: string, to: string, paths: readonly string[]): Promise<void> {
  await makeFolder(to);
  for (const path of paths) {
    const file = await fileOfApp(from, path);
    if (file === null || !(await lstat(file)).isFile()) continue;
    if ((await lstat(file)).size > MAX_BYTES) throw tooLarge();
    const inside = relative(from, resolve(from, path)); // no way out, or there were no such file
    await makeFoldersTo(to, inside);
    await copyReadable(file, join(to, inside));
  }
}

async function copyReadable(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await chmod(to, READABLE.file);
}

async function makeFoldersTo(folder: string, file: string): Promise<void> {
  let path = folder;
  for (const name of file.split('/').slice(0, -1)) {
    path = join(path, name);
    await makeFolder(path);
  }
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, READABLE.folder); // whatever the umask is
}

function tooLarge(): Error {
  return builderError('build_failed', {
    what: 'The app is too large to be built',
    why: `a build takes ${MAX_ENTRIES} files and ${MAX_BYTES >> 30} GiB at most`,
    hint: 'Leave out what is not needed: name it in .tabbifyignore.',
  });
}
