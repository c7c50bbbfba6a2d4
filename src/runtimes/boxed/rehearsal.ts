import { createServer } from 'node:http';
import type { Rehearsal } from '../runtime.ts';
import { guestAgent } from './connections.ts';
import { Exchange, type ExchangeOwner, type GuestDoor } from './exchange.ts';
import { NO_ANSWER } from './problems.ts';
import { newSocketPath } from './socket-names.ts';

const OWNER: ExchangeOwner<GuestDoor> = { broken: async () => NO_ANSWER, failed: () => {} };

/** What a request goes through on its way to a guest, with none behind it. @param sockets folder for the socket that stands in for a guest's */
export async function openRehearsal(sockets: string): Promise<Rehearsal> {
  const path = newSocketPath(sockets, 'r');
  const agent = guestAgent();
  const server = createServer((_, response) => response.end('ready'));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(path, resolve);
  });
  return {
    serve: (request, response) => new Exchange(OWNER, request, response).send({ agent, path }),
    async [Symbol.asyncDispose]() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
