import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Endpoint, httpEndpoint, responseOnSocket } from '../kit/index.ts';
import { createAnswerFigures, PROBE_HEADER, TimedResponse } from './app-figures.ts';
import { createGuard } from './guard.ts';
import { isPrivatePath } from './private-path.ts';
import { joinTrace } from './span-report.ts';

/** Milliseconds; longer than the node keeps its side of a connection, so that the node is who closes. */
const KEEP_ALIVE_MS = 75_000;
/** Bytes; the edge has its own, lower bound, and adds its `X-Forwarded-*`. */
const MAX_HEADER_BYTES = 64 * 1024;

export interface AppServerOptions {
  readonly runnerKey: string;
  /** The app's version, told in traces. */
  readonly version: number;
  /** Answers what passed the guard. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
  /** Answers what passed the guard and asks for a WebSocket; missing: such requests are served like any other. */
  readonly upgrade?: ((request: IncomingMessage, socket: Duplex, head: Buffer) => void) | undefined;
}

/** The app's HTTP front: loopback, a port of the system's choice, open to bearers of the runner's key alone. */
export interface AppServer {
  /** Where it answers. */
  readonly endpoint: Endpoint;
  /** What the app has answered so far (`AnswerFigures`); what never reached it, and probes, are not counted. */
  stats(): Readonly<Record<string, number>>;
  /** Takes no new connection, lets running requests finish for at most `graceMs`, then breaks what is left. */
  close(graceMs: number): Promise<void>;
}

/** Starts the front of an app on `127.0.0.1:0`. */
export async function serveApp(options: AppServerOptions): Promise<AppServer> {
  const isAllowed = createGuard(options.runnerKey);
  const figures = createAnswerFigures();
  /** Connections that the server has let go of. */
  const upgraded = new Set<Duplex>();
  let closing = false;

  /** @returns answers it; null: it may pass */
  const refusalOf = (request: IncomingMessage): ((response: ServerResponse) => void) | null => {
    if (!isAllowed(request)) return refuseStranger;
    return isPrivatePath(request.url ?? '/') ? refusePrivatePath : null;
  };
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      requestTimeout: 0,
      ServerResponse: TimedResponse,
      shouldUpgradeCallback: (request) =>
        options.upgrade !== undefined &&
        request.method === 'GET' &&
        request.headers.upgrade?.toLowerCase() === 'websocket',
    },
    (request, response) => {
      const isProbe = request.headers[PROBE_HEADER] !== undefined; // the guard takes the header off
      const joined = joinTrace(request, options.version);
      if (closing) {
        response.shouldKeepAlive = false;
        response.once('close', () => setImmediate(() => server.closeIdleConnections()));
      }
      const refusal = refusalOf(request);
      if (refusal !== null) {
        refusal(response);
        return;
      }
      if (!isProbe) figures.begin(response);
      joined?.(response);
      options.serve(request, response);
    },
  );
  server.on('upgrade', (request, socket, head) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    socket.on('error', () => {}); // its close says it
    const refusal = refusalOf(request);
    if (refusal !== null) {
      refusal(responseOnSocket(request, socket));
      return;
    }
    figures.beginUpgrade(socket);
    options.upgrade?.(request, socket, head);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return {
    endpoint: httpEndpoint(address, port),
    stats: figures.stats,
    close(graceMs) {
      closing = true;
      return drain(server, upgraded, graceMs);
    },
  };
}

function drain(server: Server, upgraded: ReadonlySet<Duplex>, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
    }, graceMs);
    // Connections whose request was under way fall idle one by one; nobody is to reuse them.
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    server.close(() => {
      clearTimeout(timer);
      clearInterval(sweep);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function refuseStranger(response: ServerResponse): void {
  refuse(response, 403, 'Forbidden', 'This app answers only through its office.');
}

function refusePrivatePath(response: ServerResponse): void {
  refuse(response, 404, 'Not found', 'Paths under /_tabbify/ are for the platform alone.');
}

function refuse(response: ServerResponse, status: number, title: string, detail: string): void {
  response.writeHead(status, { 'content-type': 'application/problem+json', connection: 'close' });
  response.end(JSON.stringify({ type: 'about:blank', title, status, detail }));
}
