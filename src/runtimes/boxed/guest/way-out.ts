import { Socket } from 'node:net';
import { destinationOf } from './destination.ts';
import { openTunnel } from './open-tunnel.ts';
import { connectError } from './tunnel-answer.ts';

/** What is under a socket. */
interface Handle {
  reading: boolean;
  readStop(): void;
}

/** What a socket has beside its public members. */
interface Inner {
  _handle: Handle | null;
  _undestroy(): void;
  /** Node's own way to put another handle under a socket: it has it for trying several addresses in turn. */
  [reinitialize: symbol]: (handle: Handle) => void;
}

type Connect = (this: Socket, ...args: unknown[]) => Socket;

/**
 * Leads every TCP connection of this process, however it is made (`fetch`, `node:http`, `node:tls`, a package's own client), through
 * the proxy at a unix socket. Who made the socket does not see that: it is connecting until the tunnel stands, and then connected; where
 * there is none it fails as when the system refuses. Names are resolved at the other end. TLS is made in this process, on top of the
 * tunnel. A path in the file system is connected to as ever.
 *
 * @param channelPath of the proxy's socket
 */
export function leadOut(channelPath: string): void {
  const original = Socket.prototype.connect as Connect;
  const reinitialize = Object.getOwnPropertySymbols(Socket.prototype).find(
    ({ description }) => description === 'kReinitializeHandle',
  );
  if (reinitialize === undefined) throw new Error('this Node has another way to put a handle under a socket');

  const connect: Connect = function connect(...args) {
    const wanted = destinationOf(args);
    if (wanted === null) return original.apply(this, args);
    const socket = this as Socket & Inner;
    if (socket.destroyed) socket._undestroy(); // it may be connected once more
    Object.assign(socket, { connecting: true });
    if (wanted.callback !== null) socket.once('connect', wanted.callback);

    const proxy = new Socket() as Socket & Inner;
    original.call(proxy, { path: channelPath });
    const leave = (): void => void proxy.destroy();
    socket.once('close', leave);
    openTunnel(proxy, wanted.host, wanted.port, {
      open(rest) {
        socket.off('close', leave);
        if (rest.length > 0 && 'encrypted' in socket) {
          proxy.destroy();
          const { host, port } = wanted;
          socket.destroy(connectError('EPROTO', 'what is there does not speak TLS', host, port));
          return;
        }
        // It would begin the streams anew, and forget an end() that was called while it was connecting.
        const uncover = shadow(socket, '_undestroy', () => {});
        socket[reinitialize]?.(handleOf(proxy));
        uncover();
        beConnected(socket, rest);
      },
      failed(error) {
        socket.off('close', leave);
        socket.destroy(error);
      },
    });
    return socket;
  };
  Socket.prototype.connect = connect as typeof Socket.prototype.connect;
}

/** Puts a method in front of the one that an object has from its class. @returns takes it away again */
function shadow(object: object, name: string, method: () => void): () => void {
  Object.defineProperty(object, name, { value: method, configurable: true });
  return () => void Reflect.deleteProperty(object, name);
}

/** Takes the handle from under a socket, which is of no use any more. */
function handleOf(socket: Socket & Inner): Handle {
  const handle = socket._handle;
  if (handle === null) throw new Error('a socket that reads has a handle');
  handle.readStop();
  handle.reading = false;
  socket._handle = null;
  socket.destroy();
  return handle;
}

/** What Node does when a connection stands. */
function beConnected(socket: Socket, rest: Buffer): void {
  Object.assign(socket, { connecting: false });
  if (socket.timeout) socket.setTimeout(socket.timeout); // counts from now
  socket.emit('connect');
  socket.emit('ready');
  if (rest.length > 0 && !socket.destroyed) socket.push(rest);
  if (!socket.isPaused()) socket.read(0);
}
