import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { type Clock, type Logger, PROBLEM_JSON, problemOf, systemClock, TabbifyError } from '../kit/index.ts';
import { gatewayError } from './errors.ts';
import { nodeClient } from './node-client.ts';
import { openSecrets } from './open-secrets.ts';
import { secretsRoutes } from './secrets-routes.ts';

/** Where the gateway listens and which node it belongs to. */
export interface GatewayOptions {
  /** `TABBIFY_HOME`: the store of secrets is in it. */
  readonly home: string;
  /** `TABBIFY_MASTER_KEY_FILE`; default `master.key` of the home. */
  readonly masterKeyFile?: string;
  /** Port 0 lets the system choose. */
  readonly bind: { readonly host: string; readonly port: number };
  /** Base URL of the node; the gateway knows no other way into the office. */
  readonly nodeUrl: string;
  readonly logger: Logger;
  readonly clock?: Clock;
}

export interface Gateway {
  readonly url: string;
  close(): Promise<void>;
}

/** How long a change that has begun is waited for when the gateway closes (milliseconds). */
const DRAIN_MS = 5_000;
const IDLE_LOOK_MS = 50;

/**
 * Starts the gateway: it alone opens the secrets of a home. Integrations have their place here and are not part of this version.
 *
 * @throws secrets_in_use when another gateway has this home; the system's error when it cannot listen (EADDRINUSE …)
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { home, masterKeyFile, bind, nodeUrl, logger, clock = systemClock } = options;
  const secrets = await openSecrets(
    { home, clock, ...(masterKeyFile === undefined ? {} : { masterKeyFile }) },
    logger,
  );
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.onError((error, c) => {
    const known = error instanceof TabbifyError ? error : unforeseen(error);
    if (known.status >= 500) logger.error({ err: known }, 'request failed');
    const response = problemResponse(known);
    // A body that was not read to its end takes the connection with it; say so, or the next request meets the end.
    if (!c.env.incoming.complete) response.headers.set('connection', 'close');
    return response;
  });
  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.route('/secrets', secretsRoutes({ secrets, node: nodeClient(nodeUrl), clock, logger }));
  app.notFound(
    (c) =>
      new Response(
        JSON.stringify({
          type: 'urn:tabbify:problem:integrations_missing',
          title: 'Not part of this version',
          status: 501,
          detail: `Integrations are not part of this version: nothing answers ${c.req.path} yet`,
          hint: `Apps are reached through the node at ${nodeUrl}`,
          code: 'integrations_missing',
        }),
        { status: 501, headers: HEADERS },
      ),
  );
  const server = createServer(getRequestListener(app.fetch));
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(bind.port, bind.host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    await secrets.close();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  const url = `http://${bind.host.includes(':') ? `[${bind.host}]` : bind.host}:${port}`;
  logger.info({ url }, 'gateway listens');
  return {
    url,
    async close() {
      const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
      // those that have been answered meanwhile are kept open by who asked
      const idle = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      clearTimeout(late);
      clearInterval(idle);
      await secrets.close();
    },
  };
}

const HEADERS = { 'content-type': PROBLEM_JSON, 'x-content-type-options': 'nosniff' };

function problemResponse(error: TabbifyError): Response {
  return new Response(JSON.stringify(problemOf(error)), {
    status: error.status,
    headers: {
      ...HEADERS,
      'cache-control': 'no-store',
      ...(error.status === 401 && { 'www-authenticate': 'Bearer realm="tabbify"' }),
      ...((error.status === 503 || error.status === 429) && { 'retry-after': '1' }),
    },
  });
}

function unforeseen(cause: unknown): TabbifyError {
  return gatewayError('internal_error', {
    what: 'The gateway could not finish this request',
    hint: 'See the log of the gateway; the request may be sent again',
    cause,
  });
}
