import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runnerError } from './errors.ts';

/** Bytes of a unix socket's path, without the final NUL (unix(7): `sun_path` holds 108). */
const MAX_SOCKET_PATH = 107;
/** Hex digits of a socket's name; the nonce they are taken from is random. */
const NAME_LENGTH = 16;

/**
 * Directory for control sockets: `$XDG_RUNTIME_DIR/tabbify`, else `/tmp/tabbify-<uid>` (also when the former is too
 * long for a socket's path). Made with 0700; one that is there must be ours and closed to others, for whoever can
 * write there could put a socket of their own in a runner's place.
 *
 * @throws TabbifyError `socket_directory_unsafe`
 */
export function openSocketDirectory(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const uid = process.getuid?.() ?? 0;
  const preferred = env.XDG_RUNTIME_DIR ? join(env.XDG_RUNTIME_DIR, 'tabbify') : null;
  if (preferred !== null && fits(preferred) && tryOpen(preferred, uid) === null) return preferred;
  const fallback = `/tmp/tabbify-${uid}`;
  const why = tryOpen(fallback, uid);
  if (why === null) return fallback;
  throw runnerError('socket_directory_unsafe', {
    what: `${fallback} cannot be used for control sockets`,
    why,
    hint: `Remove ${fallback}, or set XDG_RUNTIME_DIR to a directory of your own`,
  });
}

/** Path of a runner's control socket. @param nonce the runner's UUID */
export function socketPath(directory: string, nonce: string): string {
  return join(directory, `${nonce.replaceAll('-', '').slice(-NAME_LENGTH)}.sock`);
}

function fits(directory: string): boolean {
  return Buffer.byteLength(join(directory, `${'x'.repeat(NAME_LENGTH)}.sock`)) <= MAX_SOCKET_PATH;
}

/** Why the directory cannot be used; null when it can. */
function tryOpen(directory: string, uid: number): string | null {
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') return message;
  }
  const found = lstatSync(directory, { throwIfNoEntry: false });
  if (found === undefined) return 'it vanished';
  if (!found.isDirectory()) return 'it is not a directory';
  if (found.uid !== uid) return `it belongs to user ${found.uid}`;
  if ((found.mode & 0o077) !== 0) chmodSync(directory, 0o700);
  return null;
}
