/** Error codes of `wasi:filesystem/types.error-code` that calls for files end with. */
export type FileCode =
  | 'access'
  | 'bad-descriptor'
  | 'busy'
  | 'exist'
  | 'file-too-large'
  | 'illegal-byte-sequence'
  | 'insufficient-memory'
  | 'insufficient-space'
  | 'invalid'
  | 'io'
  | 'is-directory'
  | 'loop'
  | 'name-too-long'
  | 'no-entry'
  | 'not-directory'
  | 'not-empty'
  | 'not-permitted'
  | 'quota'
  | 'read-only'
  | 'too-many-links'
  | 'unsupported'
  | 'cross-device';

/** A call that failed as calls for files do; the app is told which way. */
export class FileFailure extends Error {
  readonly code: FileCode;

  constructor(code: FileCode) {
    super(code);
    this.code = code;
  }
}

const OF_SYSTEM: Readonly<Record<string, FileCode>> = {
  EACCES: 'access',
  EBADF: 'bad-descriptor',
  EBUSY: 'busy',
  EDQUOT: 'insufficient-space', // of the host's user, not of the app
  EEXIST: 'exist',
  EFBIG: 'file-too-large',
  EINVAL: 'invalid',
  EISDIR: 'is-directory',
  ELOOP: 'loop',
  EMFILE: 'insufficient-memory', // WASI has no code for too many open files
  ENFILE: 'insufficient-memory',
  ENAMETOOLONG: 'name-too-long',
  ENOENT: 'no-entry',
  ENOMEM: 'insufficient-memory',
  ENOSPC: 'insufficient-space',
  ENOTDIR: 'not-directory',
  ENOTEMPTY: 'not-empty',
  EOPNOTSUPP: 'unsupported',
  EPERM: 'not-permitted',
  EROFS: 'read-only',
  EMLINK: 'too-many-links',
  EXDEV: 'cross-device',
};

/** What the app is told of an error; whatever the system has no name for is `io`. */
export function fileCodeOf(error: unknown): FileCode {
  if (error instanceof FileFailure) return error.code;
  return OF_SYSTEM[(error as NodeJS.ErrnoException | null)?.code ?? ''] ?? 'io';
}
