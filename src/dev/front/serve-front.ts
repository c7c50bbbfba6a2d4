import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { responseOnSocket } from '../../kit/index.ts';
import { isPrivatePath } from '../../runner/index.ts';
import type { RunningApp } from '../../runtimes/index.ts';
import { asFailure } from '../app-slot.ts';
import { devError } from '../errors.ts';
import type { Say } from '../events.ts';
import { asBehindEdge } from './as-behind-edge.ts';
import { answerFailure } from './failure-answer.ts';
import { isLoopback, isOwnHost } from './own-hosts.ts';
import type { StaticFiles } from './static-files.ts';

/** Ports that are tried behind one that is taken, where nobody asked for a certain one. */
const MORE_PORTS = 20;

export interface FrontOptions {
  readonly host: string;
  /** 0: one of the system's choice. */
  readonly port: number;
  /** This port or none. */
  readonly exact: boolean;
  /** Waits for what is being saved. */
  readonly ready: () => Promise<void>;
  readonly files: StaticFiles;
  /** Who answers. @throws TabbifyError why nobody does */
  readonly app: () => Promise<RunningApp>;
  readonly say: Say;
}

/** The HTTP server of an app that is being written. */
export interface Front {
  readonly url: string;
  /** Takes no new connection, and breaks those that are there. */
  close(): Promise<void>;
}

/**
 * Serves an app at the root of an origin on this machine alone, with the requests that it would get behind the edge.
 *
 * @throws TabbifyError `dev_port_taken`, `dev_not_loopback`, else the system's error
 */
export async function serveFront({
  host,
  port,
  exact,
  ready,
  files,
  app,
  say,
}: FrontOptions): Promise<Front> {
  if (!isLoopback(host)) {
    throw devError('dev_not_loopback', {
      what: `${host} is not an address of this machine alone`,
      why: 'whoever reaches an app that is being written sees its errors and its source',
      hint: 'Leave `--host` out, or use 127.0.0.1, ::1 or localhost. `tcli push` shows the app to others.',
    });
  }
  const upgraded = new Set<Duplex>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!mayPass(request, response)) return;
    asBehindEdge(request);
    try {
      await ready();
      if (await files.answer(request, response)) return;
      const running = await app();
      if (!response.destroyed) running.serve(request, response);
    } catch (error) {
      answerFailure(request, response, asFailure(error));
    }
  }

  async function answerUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const response = responseOnSocket(request, socket);
    if (!mayPass(request, response)) return;
    asBehindEdge(request);
    try {
      const running = await app();
      if (running.upgrade === undefined) return running.serve(request, response);
      response.detachSocket(request.socket);
      running.upgrade(request, socket, head);
    } catch (error) {
      answerFailure(request, response, asFailure(error));
    }
  }

  const server = createServer(
    {
      requestTimeout: 0,
      keepAliveTimeout: 75_000,
      shouldUpgradeCallback: ({ method, headers }) =>
        method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket',
    },
    (request, response) => {
      tell(request, response, say);
      void answer(request, response);
    },
  );
  server.on('upgrade', (request, socket: Duplex, head) => {
    upgraded.add(socket);
    const begun = performance.now();
    socket.on('error', () => {}); // its close says it
    socket.once('close', () => {
      upgraded.delete(socket);
      say({ event: 'request', ...lineOf(request), status: 101, ms: performance.now() - begun });
    });
    void answerUpgrade(request, socket, head);
  });
  await listen(server, host, port, exact);
  const { address, family, port: chosen } = server.address() as AddressInfo;
  return {
    url: `http://${host === 'localhost' ? host : family === 'IPv6' ? `[${address}]` : address}:${chosen}/`,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
      return closed;
    },
  };
}

/** Says what became of a request when its answer has ended. */
function tell(request: IncomingMessage, response: ServerResponse, say: Say): void {
  const begun = performance.now();
  const line = lineOf(request);
  response.once('close', () => {
    const status = response.headersSent ? response.statusCode : null;
    say({ event: 'request', ...line, status, ms: performance.now() - begun });
  });
}

function lineOf({ method, url }: IncomingMessage): { readonly method: string; readonly path: string } {
  return { method: method ?? 'GET', path: url ?? '/' };
}

/** Is it one for the app? Otherwise it is answered. */
function mayPass(request: IncomingMessage, response: ServerResponse): boolean {
  const refuse = (status: number, title: string, detail: string): false => {
    request.resume();
    const body = JSON.stringify({ type: 'about:blank', title, status, detail });
    response.writeHead(status, { 'content-type': 'application/problem+json', connection: 'close' }).end(body);
    return false;
  };
  const { host = '' } = request.headers;
  if (!isOwnHost(host)) {
    const detail = `\`tcli dev\` does not answer for "${host}": use localhost or 127.0.0.1 with its port.`;
    return refuse(421, 'Misdirected Request', detail);
  }
  if (!(request.url ?? '').startsWith('/'))
    return refuse(400, 'Bad Request', 'The request target must be a path.');
  if (isPrivatePath(request.url ?? '/'))
    return refuse(404, 'Not found', 'Paths under /_tabbify/ are for the platform alone.');
  return true;
}

async function listen(server: Server, host: string, port: number, exact: boolean): Promise<void> {
  const last = exact || port === 0 ? port : Math.min(port + MORE_PORTS, 65_535);
  for (let next = port; ; next++) {
    try {
      return await listenAt(server, host, next);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      if (next < last) continue;
      throw devError('dev_port_taken', {
        what: exact ? `Port ${port} is taken` : `The ports ${port} to ${last} are taken`,
        why: `another program listens on ${host} there`,
        hint: 'Name another one with `--port`; `--port 0` takes any that is free.',
        cause: error,
      });
    }
  }
}

function listenAt(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
