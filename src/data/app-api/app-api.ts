import { createServer, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { boundedPipelining } from '../../kit/index.ts';
import type { DataClient } from '../client/data-client.ts';
import { dataError } from '../errors.ts';
import { FILES_PATH, FILES_PROTOCOL } from '../files/files-link.ts';
import { createDataHandler } from './data-handler.ts';
import { passFiles } from './files-upgrade.ts';
import { sendProblem } from './send.ts';

const HEAD_BYTES = 16 * 1024;
/** Milliseconds for a head to arrive, and without a request on a connection. */
const HEAD_MS = 10_000;
const KEEP_ALIVE_MS = 60_000;
/** Milliseconds for a whole request; bodies have a bound of their own. */
const REQUEST_MS = 30_000;
const PREFIX = '/v1';

/**
 * The app API (CONTRACTS §9) at `http://tabbify.internal`, as `openChannel` takes it: HTTP/1.1 over streams that the app opened. Its
 * data is there; every other call is told that there is no such.
 *
 * @param data null: the app keeps none
 * @param hasFiles what runs it gives it `/data`, and asks for its files here
 */
export function createAppApi(data: DataClient | null, hasFiles = false): (stream: Duplex) => void {
  const handleData = createDataHandler(data);
  const server = createServer(
    {
      maxHeaderSize: HEAD_BYTES,
      headersTimeout: HEAD_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 1_000,
      requireHostHeader: false,
      shouldUpgradeCallback: ({ url, headers }) =>
        hasFiles && data !== null && url === FILES_PATH && headers.upgrade === FILES_PROTOCOL,
    },
    boundedPipelining((request, response) => {
      const target = request.url ?? '/';
      if (target.startsWith(`${PREFIX}/`) && handleData(request, response, target.slice(PREFIX.length)))
        return;
      request.resume();
      sendMissing(response, `${request.method} ${target.split('?', 1)[0]}`);
    }),
  );
  server.on('upgrade', (_, stream, head) => {
    if (data !== null) void passFiles(data, stream, head);
  });
  return (stream) => {
    stream.on('error', () => {}); // an app that leaves
    server.emit('connection', stream);
  };
}

function sendMissing(response: ServerResponse, call: string): void {
  const error = dataError('app_api_missing', {
    what: `http://tabbify.internal has no ${call.slice(0, 200)}`,
    why: 'this version of the platform answers /v1/kv and /v1/sql',
    hint: 'Do without it: no manifest line brings it',
  });
  sendProblem(response, error);
}
