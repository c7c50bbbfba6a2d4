import { messageOf } from '../kit/index.ts';
import type { Bind } from './config.ts';
import { officeError } from './errors.ts';

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'the system does not allow this user to listen there',
};

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
