import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A listening server on the loopback that tells what reached it. */
export interface Canary extends AsyncDisposable {
  readonly port: number;
  /** Connections that were made to it. */
  readonly connections: number;
  /** Text that came, of all connections together. */
  readonly heard: string;
  /** Those that are open. */
  readonly sockets: readonly Socket[];
}

/**
 * Listens on a free port.
 *
 * @param onSocket speaks with each that connects; without it nothing is answered
 */
export async function openCanary(
  onSocket: (socket: Socket) => void = () => {},
  host = '127.0.0.1',
): Promise<Canary> {
  const sockets = new Set<Socket>();
  const parts: Buffer[] = [];
  let connections = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => parts.push(bytes));
    onSocket(socket);
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    get heard() {
      return Buffer.concat(parts).toString();
    },
    get sockets() {
      return [...sockets];
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Waits until the condition holds. @throws when it does not within `deadlineMs` */
export async function until(what: string, condition: () => boolean, deadlineMs = 10_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`after ${deadlineMs} ms still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
