import { lstat, mkdir, readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { writeFileAtomic } from '../../kit/index.ts';
import { agentError } from '../errors.ts';
import { workspacePath } from './workspace-path.ts';

/** Bounds of what a model may write; a starter or a small app has a few files of a few KB. */
export const WORKSPACE_LIMITS = { fileBytes: 256 * 1024, files: 64, totalBytes: 2 * 1024 * 1024 } as const;

export interface WorkspaceFile {
  readonly path: string;
  readonly bytes: number;
}

/** A folder that an app is written into, and the only place its writer can touch. */
export interface Workspace {
  /** Absolute path. */
  readonly root: string;
  /** Counts writes: two equal numbers mean nothing has changed in between. */
  revision(): number;
  /** @throws TabbifyError `workspace_refused` */
  write(path: string, content: string): Promise<WorkspaceFile>;
  /** @throws TabbifyError `workspace_refused`, also when there is no such file */
  read(path: string): Promise<string>;
  /** All files, sorted by path. */
  list(): Promise<readonly WorkspaceFile[]>;
}

/** Opens an existing, empty or written, folder as a workspace. */
export async function openWorkspace(folder: string): Promise<Workspace> {
  const root = await realpath(folder);
  let revision = 0;
  const list = async () => (await filesBelow(root, '')).sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    root,
    revision: () => revision,
    list,
    async write(path, content) {
      const file = { path: workspacePath(path), bytes: Buffer.byteLength(content) };
      refuseTooLarge(file, await list());
      await refuseLinks(root, dirname(path));
      const target = join(root, path);
      await prepareTarget(target, path);
      await writeFileAtomic(target, content, 0o644); // renames over what is there: a link is replaced, not followed
      revision += 1;
      return file;
    },
    async read(path) {
      await refuseLinks(root, workspacePath(path));
      try {
        return await readFile(join(root, path), 'utf8');
      } catch (error) {
        throw refused(`There is no file ${path}`, undefined, error);
      }
    },
  };
}

async function filesBelow(root: string, folder: string): Promise<WorkspaceFile[]> {
  const files: WorkspaceFile[] = [];
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) files.push(...(await filesBelow(root, path)));
    else if (entry.isFile()) files.push({ path, bytes: (await lstat(join(root, path))).size });
  }
  return files;
}

function refuseTooLarge(file: WorkspaceFile, present: readonly WorkspaceFile[]): void {
  const others = present.filter((each) => each.path !== file.path);
  const total = others.reduce((sum, each) => sum + each.bytes, file.bytes);
  const { fileBytes, files, totalBytes } = WORKSPACE_LIMITS;
  if (file.bytes > fileBytes)
    throw refused(`${file.path} is too large`, `a file may have ${fileBytes} bytes`);
  if (others.length >= files)
    throw refused('There are too many files', `an app written here may have ${files}`);
  if (total > totalBytes)
    throw refused('The app is too large', `all files together may have ${totalBytes} bytes`);
}

/** Every existing part of the path must be a real folder or file, so that nothing outside the root is reached. */
async function refuseLinks(root: string, path: string): Promise<void> {
  let at = root;
  for (const segment of path === '.' ? [] : path.split('/')) {
    at = join(at, segment);
    const found = await lstat(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
      throw error;
    });
    if (found === null) return;
    if (found.isSymbolicLink())
      throw refused(`${at.slice(root.length + sep.length)} is a link`, 'links are not followed');
  }
}

/** Makes the folders of a file; the file itself may be new or replaced, not a folder. */
async function prepareTarget(target: string, path: string): Promise<void> {
  try {
    await mkdir(dirname(target), { recursive: true });
  } catch (error) {
    throw refused(`${path} cannot be written`, 'one of its folders is a file', error);
  }
  const found = await lstat(target).catch(() => null);
  if (found?.isDirectory()) throw refused(`${path} is a folder`);
}

function refused(what: string, why?: string, cause?: unknown) {
  return agentError('workspace_refused', {
    what,
    ...(why === undefined ? {} : { why }),
    hint: 'List the files to see what is there, and keep the app small.',
    cause,
  });
}
