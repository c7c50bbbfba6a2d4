import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { grantedHosts, noAppApi, openChannel } from '../../egress/index.ts';
import { systemClock } from '../../kit/index.ts';
import type { RunningApp, Runtime, StartSpec } from '../runtime.ts';

/** A running app behind a real HTTP server on a free port of the loopback. */
export interface ServedApp extends AsyncDisposable {
  readonly app: RunningApp;
  readonly port: number;
  readonly url: string;
  /** What the app has logged, as `origin: line`. */
  readonly logged: string[];
  /** Takes the server away and leaves the app. */
  closeServer(): void;
}

/** A server before whatever app serves now. */
export interface SwappableFront {
  readonly url: string;
  swap(app: RunningApp): void;
  close(): void;
}

/** Serves an app until another takes its place; what is under way stays where it began. */
export async function serveSwappable(first: RunningApp): Promise<SwappableFront> {
  let current = first;
  const server = createServer((request, response) => current.serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    swap(app) {
      current = app;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Starts an app and serves it; disposing stops both. */
export async function serveApp(
  runtime: Runtime,
  spec: Partial<StartSpec> & { readonly artifactDir: string },
): Promise<ServedApp> {
  const logged: string[] = [];
  const app = await runtime.start({
    env: {},
    memoryMb: 16,
    fuelPerRequest: 200_000_000,
    isolation: 'pool',
    channel: openChannel({
      policy: grantedHosts(),
      platform: noAppApi(),
      say: (line) => logged.push(`platform: ${line}`),
      clock: systemClock,
    }),
    place: { home: tmpdir(), sockets: tmpdir(), programs: tmpdir() },
    wall: 'wasm-bare',
    prepared: null,
    log: (origin, line) => logged.push(`${origin}: ${line}`),
    ...spec,
  });
  const server = createServer((request, response) => app.serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    app,
    port,
    url: `http://127.0.0.1:${port}`,
    logged,
    closeServer() {
      server.closeAllConnections();
      server.close();
    },
    async [Symbol.asyncDispose]() {
      await app.stop(0);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A request whose body is written and whose answer is read by hand. */
export interface HandRequest {
  write(text: string | Uint8Array): boolean;
  end(): void;
  /** Leaves without a word. */
  abort(): void;
  /** Bytes that were handed over and are not on their way yet. */
  unsent(): number;
  readonly answer: Promise<IncomingMessage>;
}

/** Opens a request on a connection of its own. */
export function openRequest(port: number, path: string, method = 'GET'): HandRequest {
  const request = httpRequest({ port, path, method, host: '127.0.0.1', agent: false });
  request.on('error', () => {});
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
  });
  answer.catch(() => {});
  if (method === 'GET') request.end();
  else request.flushHeaders();
  return {
    answer,
    write: (text) => request.write(text),
    end: () => void request.end(),
    abort: () => void request.destroy(),
    unsent: () => request.writableLength,
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
