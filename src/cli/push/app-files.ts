import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ignore from 'ignore';
import { MANIFEST_FILES } from '../../app/index.ts';
import { cliError } from '../errors.ts';

/** One file that is uploaded. */
export interface AppFile {
  /** Path inside the app's folder, `/`-separated: the key in the object store below `apps/<uuid>/v<N>/`. */
  readonly path: string;
  readonly bytes: number;
  readonly executable: boolean;
}

/** Never uploaded (CONTRACTS §5). `target/` is a build folder at the root only: `src/target/` may be code. */
const NEVER = ['/tabbify.lock', '/target/', '/.tabbify/', '.git', 'node_modules/'];

/**
 * Lists what a push uploads, sorted by path: every regular file but those of {@link NEVER} and of `.tabbifyignore`
 * (gitignore syntax).
 *
 * @throws TabbifyError `app_folder` when the folder cannot be read or holds a link or a device
 */
export async function listAppFiles(root: string): Promise<readonly AppFile[]> {
  const skip = ignore()
    .add(NEVER)
    .add(await ignoreFile(root))
    .add(MANIFEST_FILES.map((name) => `!/${name}`));
  const files: AppFile[] = [];
  const visit = async (folder: string) => {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (skip.ignores(entry.isDirectory() ? `${path}/` : path)) continue;
      if (entry.isDirectory()) await visit(path);
      else if (entry.isFile()) files.push(await describe(root, path));
      else throw notAFile(path, entry.isSymbolicLink());
    }
  };
  await visit('');
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function describe(root: string, path: string): Promise<AppFile> {
  const { size, mode } = await lstat(join(root, path));
  return { path, bytes: size, executable: (mode & 0o100) !== 0 };
}

async function ignoreFile(root: string): Promise<string> {
  try {
    return await readFile(join(root, '.tabbifyignore'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function notAFile(path: string, link: boolean) {
  return cliError('app_folder', {
    what: `${path} cannot be uploaded`,
    why: link ? 'it is a symbolic link, and a version holds files only' : 'it is not a regular file',
    hint: 'Put the file itself in its place, or name it in .tabbifyignore.',
  });
}
