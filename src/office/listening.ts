import { messageOf } from '../kit/index.ts';
import type { Bind } from './config.ts';
import { officeError } from './errors.ts';

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'the system does not allow this user to listen there',
};

/** Codes by which the system refuses a descriptor that is no TCP socket. */
const NO_SOCKET = new Set(['EINVAL', 'EBADF', 'ENOTSOCK', 'EOPNOTSUPP', 'ERR_INVALID_FD_TYPE']);

/**
 * Starts the node on a socket that was passed to this process.
 *
 * @param fd its descriptor; null: there is none, and the error is told by others
 * @throws TabbifyError `bind_failed` when there is nothing to listen on; any other error as it is
 */
export async function listeningOn<Part>(fd: number | null, start: () => Promise<Part>): Promise<Part> {
  try {
    return await start();
  } catch (error) {
    if (fd === null || !NO_SOCKET.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw officeError('bind_failed', {
      what: 'Cannot listen on the socket that the service manager passed',
      why: `descriptor ${fd} is no TCP socket of this process (${messageOf(error)})`,
      hint: 'Let the service start Node itself, as the unit of `tabbify up --print-unit` does: a program in between loses the socket.',
      cause: error,
    });
  }
}

/**
 * Starts a part and turns the system's refusal to listen into words.
 *
 * @param setting the variable that decides the address, named in the error
 * @throws TabbifyError `bind_failed`; any other error as it is
 */
export async function listening<Part>(
  setting: string,
  bind: Bind,
  start: () => Promise<Part>,
): Promise<Part> {
  try {
    return await start();
  } catch (error) {
    const why = WHY[(error as NodeJS.ErrnoException).code ?? ''];
    if (why === undefined) throw error;
    throw officeError('bind_failed', {
      what: `Cannot listen on ${bind.host}:${bind.port}`,
      why: `${why} (${messageOf(error)})`,
      hint: `End that program, or listen elsewhere: ${setting}=${bind.host}:0 takes any free port. Beside another office set TABBIFY_NODE_BIND, TABBIFY_GATEWAY_BIND and TABBIFY_SUPERVISOR_BIND.`,
      cause: error,
    });
  }
}
