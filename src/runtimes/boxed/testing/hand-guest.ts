import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '../../problem.ts';
import { guestAgent } from '../connections.ts';
import { Exchange, type GuestDoor } from '../exchange.ts';
import { NO_ANSWER } from '../problems.ts';

/** A guest that a test plays by hand, behind a real HTTP server that passes requests on to it. */
export interface HandGuest extends AsyncDisposable {
  /** Port of the visitors' side. */
  readonly port: number;
  readonly url: string;
  /** Connections to the guest, in the order they came. */
  readonly connections: readonly Socket[];
  /** Problems that the guest was to blame for. */
  readonly blamed: readonly Problem[];
  /** Called when a request has come, before it is passed on. */
  beforeSend: () => void;
}

/** Of a request; what stands before it is the body of the one before. */
const HEAD = /[A-Z]+ \S+ HTTP\/1\.1\r\n[\s\S]*?\r\n\r\n/;

/**
 * @param onHead plays the guest: called with what has come on a connection each time a head is complete, and with the number of
 * heads on this connection so far
 * @param onData called after that with all that has come on a connection so far, each time something has
 */
export async function handGuest(
  onHead: (socket: Socket, head: string, nth: number) => void,
  onData: (socket: Socket, all: string) => void = () => {},
): Promise<HandGuest> {
  const folder = await mkdtemp(join(tmpdir(), 'hand-guest-'));
  const path = join(folder, 'guest.sock');
  const connections: Socket[] = [];
  const guest = createServer((socket) => {
    connections.push(socket);
    socket.on('error', () => {});
    let all = '';
    let seen = '';
    let heads = 0;
    socket.on('data', (chunk) => {
      all += chunk.toString('latin1');
      seen += chunk.toString('latin1');
      for (let found = HEAD.exec(seen); found !== null; found = HEAD.exec(seen)) {
        seen = seen.slice(found.index + found[0].length);
        onHead(socket, found[0], ++heads);
      }
      onData(socket, all);
    });
  });
  await new Promise<void>((resolve) => guest.listen(path, resolve));
  const agent = guestAgent();
  const blamed: Problem[] = [];
  const owner = {
    broken: async (_: unknown, door: GuestDoor, __: Error, neverReached: boolean) =>
      neverReached ? door : NO_ANSWER,
    failed: (_: IncomingMessage, problem: Problem) => void blamed.push(problem),
  };
  const front = createHttpServer((request: IncomingMessage, response: ServerResponse) => {
    hand.beforeSend();
    new Exchange<GuestDoor>(owner, request, response).send({ agent, path });
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const { port } = front.address() as AddressInfo;
  const hand: HandGuest = {
    port,
    url: `http://127.0.0.1:${port}`,
    connections,
    blamed,
    beforeSend: () => {},
    async [Symbol.asyncDispose]() {
      agent.destroy();
      for (const socket of connections) socket.destroy();
      front.closeAllConnections();
      await new Promise((resolve) => front.close(resolve));
      await new Promise((resolve) => guest.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
  return hand;
}

/** What comes on a connection of its own after these bytes, until it ends or the text matches. */
export async function rawAnswer(port: number, sent: string | Buffer, until?: RegExp): Promise<string> {
  const { connect } = await import('node:net');
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(sent);
  let seen = '';
  for await (const chunk of socket) {
    seen += (chunk as Buffer).toString('latin1');
    if (until?.test(seen)) break;
  }
  socket.destroy();
  return seen;
}
