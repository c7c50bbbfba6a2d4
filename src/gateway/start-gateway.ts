import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../kit/index.ts';

/** Where the gateway listens and which node it belongs to. */
export interface GatewayOptions {
  /** Port 0 lets the system choose. */
  readonly bind: { readonly host: string; readonly port: number };
  /** Base URL of the node; the gateway knows no other way into the office. */
  readonly nodeUrl: string;
  readonly logger: Logger;
}

export interface Gateway {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts the gateway, which has its place in the house before it has its work: it answers `/health`, and says of
 * everything else that integrations are not part of this version.
 *
 * @throws the system's error when it cannot listen (EADDRINUSE …)
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { bind, nodeUrl, logger } = options;
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0];
    if (path === '/health' && (request.method === 'GET' || request.method === 'HEAD')) {
      send(response, 200, 'application/json', { status: 'ok' });
      return;
    }
    send(response, 501, 'application/problem+json', {
      type: 'urn:tabbify:problem:integrations_missing',
      title: 'Not part of this version',
      status: 501,
      detail: `Integrations are not part of this version: nothing answers ${path} yet`,
      hint: `Apps are reached through the node at ${nodeUrl}`,
      code: 'integrations_missing',
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(bind.port, bind.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${bind.host.includes(':') ? `[${bind.host}]` : bind.host}:${port}`;
  logger.info({ url }, 'gateway listens');
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, status: number, type: string, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(text);
}
