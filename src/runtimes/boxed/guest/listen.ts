import { Server as HttpServer } from 'node:http';
import { isIP, isIPv6, Server as NetServer, type Socket } from 'node:net';
import { GUEST_FDS } from '../protocol.ts';

type Listen = (this: NetServer, ...args: unknown[]) => NetServer;

/** The one listener there is, and who has it. */
export interface Listener {
  /** The server that serves on it; null as long as there is none. */
  readonly server: HttpServer | null;
  /** Has it serve on the listener. */
  give(server: HttpServer): void;
}

/**
 * Changes what `listen` does: the first HTTP server that listens, whatever port it names, gets the listener that the host opened;
 * any other hears why it cannot listen. A server that listens on a path in the file system is left alone.
 *
 * @param onServing the listener has been taken, and requests are answered from now on
 */
export function offerListener(onServing: (server: HttpServer) => void): Listener {
  const original = NetServer.prototype.listen as Listen;
  let taken: HttpServer | null = null;

  const give = (server: HttpServer, wanted: Wanted): void => {
    taken = server;
    withoutTimeouts(server);
    server.prependListener('connection', seemLoopback);
    const { host: address, port } = wanted;
    server.address = () => ({ address, family: isIPv6(address) ? 'IPv6' : 'IPv4', port });
    if (wanted.callback !== null) server.once('listening', wanted.callback);
    server.once('listening', () => onServing(server));
    original.call(server, { fd: GUEST_FDS.listener });
  };

  const listen: Listen = function listen(...args) {
    const wanted = wantedOf(args);
    if (wanted === null || taken === this) return original.apply(this, args);
    if (taken === null && this instanceof HttpServer) {
      give(this, wanted);
      return this;
    }
    const error = refusal(this instanceof HttpServer, wanted.port);
    process.nextTick(() => this.emit('error', error));
    return this;
  };
  NetServer.prototype.listen = listen as typeof NetServer.prototype.listen;

  return {
    get server() {
      return taken;
    },
    give: (server) => give(server, { port: DEFAULT_PORT, host: DEFAULT_HOST, callback: null }),
  };
}

/** The port that a server which asked for any is told. */
const DEFAULT_PORT = 8080;
const DEFAULT_HOST = '0.0.0.0';

interface Wanted {
  readonly port: number;
  readonly host: string;
  readonly callback: (() => void) | null;
}

/** The arguments of `server.listen`; null for a path or for something that is open already. */
function wantedOf(args: readonly unknown[]): Wanted | null {
  const [first, second] = args;
  const last = args.at(-1);
  const callback = typeof last === 'function' ? (last as () => void) : null;
  if (typeof first === 'object' && first !== null) {
    const options = first as { port?: unknown; host?: unknown };
    if (options.port === undefined && !('port' in options)) return null;
    return { port: portOf(options.port), host: hostOf(options.host), callback };
  }
  if (typeof first === 'string' && !/^\d+$/.test(first)) return null;
  return { port: portOf(first), host: hostOf(second), callback };
}

function portOf(value: unknown): number {
  const port = Number(typeof value === 'function' ? 0 : (value ?? 0));
  return Number.isInteger(port) && port > 0 ? port : DEFAULT_PORT;
}

/** Of a name, the address that it would most likely have. */
function hostOf(value: unknown): string {
  if (typeof value !== 'string' || value === '') return DEFAULT_HOST;
  return isIP(value) ? value : '127.0.0.1';
}

/** The host is the only client, keeps its connections, and bounds what its own clients may do. */
function withoutTimeouts(server: HttpServer): void {
  for (const name of [
    'timeout',
    'requestTimeout',
    'headersTimeout',
    'keepAliveTimeout',
    'maxRequestsPerSocket',
  ]) {
    Object.defineProperty(server, name, { get: () => 0, set: () => {} });
  }
}

/** Packages that ask who has connected expect an address: it is that of a proxy, as the visitor's is in `X-Forwarded-For`. */
function seemLoopback(socket: Socket): void {
  Object.defineProperties(socket, {
    remoteAddress: { value: '127.0.0.1', configurable: true },
    remoteFamily: { value: 'IPv4', configurable: true },
  });
}

function refusal(isHttp: boolean, port: number): Error {
  const text = isHttp
    ? `This app cannot listen on port ${port}: another HTTP server of it has the one listener there is. Let one server answer all requests`
    : `This app cannot listen on port ${port}: only an HTTP server (node:http) can be reached, and TLS is done before it. Use http.createServer`;
  return Object.assign(new Error(text), { code: 'EADDRINUSE', syscall: 'listen', port });
}
