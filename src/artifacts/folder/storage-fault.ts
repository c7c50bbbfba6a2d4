import { artifactError } from '../errors.ts';

const IN_THE_WAY = 'Something else lies where the office keeps its files: move it away.';

/** What the operating system says when the disk, not the caller, is at fault, and what a person can do about it. */
const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'Free space on the disk, then try again.',
  EDQUOT: 'Free space within the disk quota, then try again.',
  EXDEV: 'Keep the whole store on one file system: no part of it may be a mount or a link to another.',
  EROFS: 'Make the file system writable.',
  EACCES: 'Give the office’s user access to the folder.',
  EPERM: 'Give the office’s user access to the folder; the file system must know hard links.',
  EMFILE: 'Raise the limit of open files (`ulimit -n`).',
  ENFILE: 'Raise the limit of open files of the system.',
  EIO: 'Check the disk: it reports an input/output error.',
  EEXIST: IN_THE_WAY,
  ENOTDIR: IN_THE_WAY,
  EISDIR: IN_THE_WAY,
  ENOTEMPTY: IN_THE_WAY,
  ENOENT: 'The folder has vanished: restore it, then start the office again.',
};
const OTHERS = new Set([
  'ENOTSUP',
  'EOPNOTSUPP',
  'ESTALE',
  'EBUSY',
  'ENOMEM',
  'EFBIG',
  'ENODEV',
  'ELOOP',
  'EMLINK',
]);

/** `store_unavailable` for what the storage cannot do; any other error as it is (e.g. of a source that broke off). */
export function storageFault(error: unknown, doing: string): unknown {
  const code = codeOf(error);
  if (code === null || !(code in HINTS || OTHERS.has(code))) return error;
  return artifactError('store_unavailable', {
    what: `The artifact store cannot ${doing}`,
    why: error instanceof Error ? error.message : code,
    hint: HINTS[code] ?? 'Check the disk that holds the store, then try again.',
    cause: error,
  });
}

/** The operating system's name of an error (`ENOENT`); null for any other error. */
export function codeOf(error: unknown): string | null {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : null;
}
