import { readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freshName } from '../../kit/index.ts';

const NAME = /^(?<pid>\d{1,10})-[\da-f]{12}\.[wcrs](?:\.t)?$/;

/** Hex digits of a name: a socket's path has room for 107 bytes. */
const DIGITS = 12;

/**
 * A path for a socket of this process, or a shelf, that nobody else has.
 *
 * @param kind `w`: a guest listens there; `c`: an app's channel; `r`: a rehearsal; `s`: a shelf
 */
export function newSocketPath(folder: string, kind: 'w' | 'c' | 'r' | 's'): string {
  return join(folder, `${process.pid}-${freshName().slice(0, DIGITS)}.${kind}`);
}

/**
 * Removes sockets and shelves whose process was killed before it could: it is gone, and nobody listens there. The folder may be that of several
 * offices.
 */
export async function removeLeftSockets(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => {
    const pid = NAME.exec(name)?.groups?.pid;
    return pid !== undefined && !isThere(Number(pid));
  });
  await Promise.all(
    left.map(async (name) => {
      const path = join(folder, name);
      if (name.endsWith('.s')) return rm(path, { recursive: true, force: true });
      if (!(await isListening(path))) await rm(path, { force: true });
    }),
  );
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** A box outlives its runner until it is swept. */
function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}
