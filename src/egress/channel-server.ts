import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { boundedPipelining } from '../kit/index.ts';
import type { AppChannel } from './channel.ts';
import { parseAuthority } from './destination.ts';
import { asProblem, forwardRequest, notForProxies } from './forward-request.ts';
import { CHANNEL_LIMITS, type ChannelLimits } from './limits.ts';
import { problemOf } from './problem.ts';
import { joinStreams } from './tunnel.ts';

export interface ChannelServerOptions {
  /** True: any user of the machine who can reach the file may connect; its folder must be closed to others then. Default false. */
  readonly anyUser?: boolean;
  readonly limits?: Partial<ChannelLimits>;
}

/** A channel at a unix socket. */
export interface ChannelServer {
  readonly path: string;
  /** Ends what is under way and removes the socket. */
  close(): Promise<void>;
}

const ESTABLISHED = 'HTTP/1.1 200 Connection Established\r\n\r\n';

/**
 * Serves a channel as an HTTP/1.1 proxy: `CONNECT host:port`, and requests for `http://` in absolute form. Denied: 403,
 * not reached: 502, too many: 503 and 429, each as problem+json; anything else: 400.
 *
 * @param path of the socket; nothing is there yet
 * @throws what the system says when it cannot listen there
 */
export async function serveChannel(
  channel: AppChannel,
  path: string,
  options: ChannelServerOptions = {},
): Promise<ChannelServer> {
  const limits = { ...CHANNEL_LIMITS, ...options.limits };
  const connections = new Set<Duplex>();
  /** Requests in absolute form whose answer is not at its end. */
  const underWay = new WeakMap<Duplex, number>();
  const server = createServer(
    {
      maxHeaderSize: limits.headBytes,
      headersTimeout: limits.headMs,
      keepAliveTimeout: limits.headMs,
      requestTimeout: 0, // of a body, which may stream
      connectionsCheckingInterval: Math.min(limits.headMs, 1_000),
      requireHostHeader: false, // the target names the host
    },
    boundedPipelining((request, response) => {
      const { socket } = request;
      underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
      response.once('close', () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1));
      void forwardRequest(channel, request, response);
    }),
  );
  server.maxConnections = limits.connections;
  server.on('connection', (socket: Duplex) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('connect', (request, socket, head) => {
    socket.on('error', () => {}); // its close says the rest
    if (underWay.get(socket))
      socket.destroy(); // an answer and a tunnel on one connection
    else void openTunnel(channel, request, head, limits);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(
      { path, readableAll: options.anyUser ?? false, writableAll: options.anyUser ?? false },
      resolve,
    );
  });
  return {
    path,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of connections) socket.destroy();
      return closed;
    },
  };
}

/** Never rejects. */
async function openTunnel(
  channel: AppChannel,
  request: IncomingMessage,
  head: Buffer,
  limits: ChannelLimits,
): Promise<void> {
  const { socket } = request;
  const waiting = whileDialling(socket, head);
  try {
    const to = parseAuthority(request.url ?? '');
    if (to === null) throw notForProxies(request);
    const stream = await channel.dial(to, waiting.gone);
    const early = waiting.over();
    if (waiting.gone.aborted) {
      stream.destroy();
      socket.destroy();
      return;
    }
    socket.write(ESTABLISHED);
    for (const bytes of early) stream.write(bytes); // came with the request or behind it: the tunnel's first bytes
    joinStreams(socket, stream, limits.halfOpenMs);
  } catch (error) {
    waiting.over();
    refuse(socket, error, limits.headMs);
  }
}

/** Bytes that are taken from who asked before there is somebody to have them. */
const MAX_EARLY_BYTES = 64 * 1024;

interface Waiting {
  /** Aborted when who asked has left, or has ended its direction: nothing would tell the two apart, at a unix socket, but a write. */
  readonly gone: AbortSignal;
  /** @returns what was sent meanwhile */
  over(): readonly Buffer[];
}

/** Reads on while a connection is made, as a socket that nobody reads does not tell that its other end has gone. */
function whileDialling(socket: Duplex, head: Buffer): Waiting {
  const gone = new AbortController();
  const early = head.length > 0 ? [head] : [];
  let length = head.length;
  const leave = (): void => gone.abort(new Error('whoever asked has left'));
  const take = (chunk: Buffer): void => {
    early.push(chunk);
    length += chunk.length;
    if (length > MAX_EARLY_BYTES) socket.pause();
  };
  socket.on('data', take).once('end', leave).once('close', leave);
  return {
    gone: gone.signal,
    over() {
      socket.off('data', take).off('end', leave).off('close', leave).pause();
      return early;
    },
  };
}

/** Answers a CONNECT that gets no tunnel. A client that does not leave after that is sent away. */
function refuse(socket: Duplex, error: unknown, leaveMs: number): void {
  const { status, type, body } = problemOf(asProblem(error));
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
      `content-type: ${type}`,
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
  socket.resume(); // what else was sent is for nobody
  const timer = setTimeout(() => socket.destroy(), leaveMs);
  socket.once('close', () => clearTimeout(timer));
}
