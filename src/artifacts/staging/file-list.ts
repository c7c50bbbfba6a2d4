import { artifactError } from '../errors.ts';
import { nameGuard, publishFault, quotedName } from '../portable-path.ts';
import { DIGEST_FILE, type FileDigest, sha256 as sha256Of } from '../tree/tree-digest.ts';

/** A file as a push announces it. */
export interface ListedFile extends FileDigest {
  /** Relative to the app's folder, `/`-separated. */
  readonly path: string;
}

/** What a version may hold that is uploaded content by content; what a build takes is the same (1 GiB). */
export const LIST_LIMITS = { maxFiles: 10_000, maxBytes: 1024 ** 3 } as const;

const EMPTY = sha256Of('');

/**
 * Passes a list of files that a stranger may have made, by the rules of archives.
 *
 * @returns sum of the sizes, in bytes
 * @throws archive_invalid, archive_too_large, naming the file
 */
export function checkFileList(
  files: readonly ListedFile[],
  limits: typeof LIST_LIMITS = LIST_LIMITS,
): number {
  const names = nameGuard();
  const sizes = new Map<string, number>();
  let bytes = 0;
  files.forEach(({ path, size, sha256 }, index) => {
    const fault = publishFault(path) ?? names.add(path, 'file') ?? ownName(path);
    if (fault !== null) throw refused(path, fault);
    if ((sizes.get(sha256) ?? size) !== size || (size === 0) !== (sha256 === EMPTY))
      throw refused(path, 'its SHA-256 is of a file of another size');
    sizes.set(sha256, size);
    bytes += size;
    if (index >= limits.maxFiles) throw tooLarge(path, `there are more than ${limits.maxFiles} files`);
    if (bytes > limits.maxBytes)
      throw tooLarge(path, `all files together are larger than ${limits.maxBytes} bytes`);
  });
  return bytes;
}

function ownName(path: string): string | null {
  return path === DIGEST_FILE ? 'the platform keeps the list of a version’s files under that name' : null;
}

function refused(path: string, why: string) {
  return artifactError('archive_invalid', {
    what: `The file ${quotedName(path)} is refused`,
    why,
    hint: 'Rename it, or name it in `.tabbifyignore`.',
  });
}

function tooLarge(path: string, why: string) {
  return artifactError('archive_too_large', {
    what: `The app is too large at ${quotedName(path)}`,
    why,
    hint: 'Leave out what the app does not need, e.g. by `.tabbifyignore`.',
  });
}
