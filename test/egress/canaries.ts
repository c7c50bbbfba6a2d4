import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** What has reached one of them since it was last asked to forget. */
export interface Heard {
  readonly connections: number;
  readonly text: string;
}

/** Listeners of this machine that an app may reach only by a grant, all at the same number of a port. */
export interface Canaries extends AsyncDisposable {
  readonly port: number;
  /** By `127.0.0.1`, `127.0.0.2`, `::1`, `other` (another port), `udp` and `unix`. */
  heard(): ReadonlyMap<string, Heard>;
  /** Ends what is open, and counts from nothing again. */
  forget(): void;
  /** Another port, and the name of an abstract unix socket without its leading NUL. */
  readonly otherPort: number;
  readonly abstractSocket: string;
}

/** @param leaves true: breaks off whoever has said something, so that he does not wait */
export async function openCanaries(leaves: boolean): Promise<Canaries> {
  const places = new Map<string, Listener>();
  const first = await tcpListener({ host: '127.0.0.1', port: 0 }, leaves);
  const { port } = first.server.address() as AddressInfo;
  const abstractSocket = `egress-canary-${process.pid}-${port}`;
  places.set('127.0.0.1', first);
  places.set('127.0.0.2', await tcpListener({ host: '127.0.0.2', port }, true));
  places.set('::1', await tcpListener({ host: '::1', port }, leaves));
  const other = await tcpListener({ host: '127.0.0.1', port: 0 }, leaves);
  places.set('other', other);
  places.set('unix', await tcpListener({ path: `\0${abstractSocket}` }, leaves));
  let datagrams: Buffer[] = [];
  const udp: DatagramSocket = createSocket('udp4', (message) => datagrams.push(message));
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  return {
    port,
    otherPort: (other.server.address() as AddressInfo).port,
    abstractSocket,
    heard() {
      const heard = new Map([...places].map(([name, { heard: what }]) => [name, what()]));
      return heard.set('udp', {
        connections: datagrams.length,
        text: Buffer.concat(datagrams).toString('latin1'),
      });
    },
    forget() {
      for (const { forget } of places.values()) forget();
      datagrams = [];
    },
    async [Symbol.asyncDispose]() {
      udp.close();
      for (const { server, forget } of places.values()) {
        forget();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

interface Listener {
  readonly server: Server;
  heard(): Heard;
  forget(): void;
}

async function tcpListener(
  at: { readonly host: string; readonly port: number } | { readonly path: string },
  leaves: boolean,
): Promise<Listener> {
  const sockets = new Set<Socket>();
  let parts: Buffer[] = [];
  let connections = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections++;
    sockets.add(socket);
    socket
      .on('close', () => sockets.delete(socket))
      .on('error', () => {})
      .on('data', (bytes: Buffer) => {
        if (!sockets.has(socket)) return; // of an attempt that is over
        parts.push(bytes);
        if (leaves) setTimeout(() => socket.destroy(), 5);
      })
      .on('end', () => socket.end());
  });
  server.listen(at);
  await once(server, 'listening');
  return {
    server,
    heard: () => ({ connections, text: Buffer.concat(parts).toString('latin1') }),
    forget() {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
      parts = [];
      connections = 0;
    },
  };
}
