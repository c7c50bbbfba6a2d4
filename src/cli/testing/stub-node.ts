import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';

/** Answers one route, e.g. `GET /v1/apps`; `:name` stands for one path part. */
export type Route = (request: IncomingMessage, response: ServerResponse, url: URL) => void | Promise<void>;

export interface StubNode extends AsyncDisposable {
  readonly url: string;
  readonly key: string;
  /** Environment that points a command at it. */
  readonly env: Readonly<Record<string, string>>;
  /** `METHOD path` of every request, in order. */
  readonly requests: readonly string[];
}

/** A node that says what a test wants, over real HTTP: for what a healthy office seldom does. */
export async function stubNode(routes: Readonly<Record<string, Route>>): Promise<StubNode> {
  const key = 'owner-key';
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://stub');
    requests.push(`${request.method} ${url.pathname}`);
    const open = url.pathname === '/health';
    if (!open && request.headers.authorization !== `Bearer ${key}`)
      return problem(response, 401, 'No', 'unknown');
    const found = Object.entries(routes).find(([pattern]) =>
      matches(pattern, `${request.method} ${url.pathname}`),
    );
    if (!found) return problem(response, 404, 'No such route', url.pathname);
    void Promise.resolve(found[1](request, response, url)).catch((error: Error) => response.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    key,
    env: { TABBIFY_NODE_URL: url, TABBIFY_NODE_KEY: key },
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export function problem(
  response: ServerResponse,
  status: number,
  title: string,
  detail: string,
  hint?: string,
): void {
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ title, status, detail, hint, code: 'stubbed' }));
}

export function eventStream(response: ServerResponse, events: readonly unknown[], end = true): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`);
  if (end) response.end();
}

/** An app as the API shows it. */
export function appRow(uuid: string, name: string, state = 'running') {
  return {
    ...{ uuid, name, slug: name, version: 1, runtime: 'wasm-http', lifecycle: 'on_request', state },
    ...{ app_ula: 'fd5a:1f02::1', supervisor: 'local', restart_status: 'running', restart_count: 0 },
    ...{ url: `http://${name}.localhost:8090/`, path_url: `http://127.0.0.1:8090/app/${uuid}/` },
  };
}

/** A deployment as the API shows it: one that went well. */
export function deploymentRow(change: object = {}) {
  return {
    ...{ id: 'dep-1', app: '0191e7c2-1111-7222-8333-444455556666', version: 2, phase: 'switched' },
    ...{ stage: null, reason: null, requested_by: 'user:owner', log_tail: [] },
    ...{ requested_at: '2026-11-21T10:00:00.000Z', finished_at: '2026-11-21T10:00:02.500Z' },
    results: [{ supervisor: 'local', runtime: 'wasm-http', success: true }],
    ...change,
  };
}

/** Files of an uploaded gzipped tar. */
export async function readArchive(request: IncomingMessage): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const tar = extract();
  const reading = pipeline(request, createGunzip(), tar);
  for await (const entry of tar) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    files[entry.header.name] = Buffer.concat(chunks).toString('utf8');
  }
  await reading;
  return files;
}

function matches(pattern: string, path: string): boolean {
  return new RegExp(`^${pattern.replaceAll(/:[a-z]+/g, '[^/]+')}$`).test(path);
}
