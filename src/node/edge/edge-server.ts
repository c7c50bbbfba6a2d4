import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { TimedResponse } from '../../runner/index.ts';
import type { Edge } from './edge.ts';

/** A visitor gets this long to send its header section (milliseconds; RFC 9112 leaves it to the server). */
const HEADERS_TIMEOUT_MS = 60_000;
/** Longer than the usual keep-alive of proxies in front (60 s), so that they close first. */
const KEEP_ALIVE_MS = 65_000;

/**
 * The one HTTP server of the node: what belongs to an app goes through the edge, all else to the office.
 *
 * @param office answers the office's own routes; requests reach it only with a `Host` of the office
 * @param onRequest told of each request, and whether it is for an app or for the office
 */
export function createEdgeServer(
  edge: Edge,
  office: RequestListener,
  onRequest: (to: 'app' | 'office', response: TimedResponse) => void = () => {},
): Server {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    ServerResponse: TimedResponse,
    requestTimeout: 0, // an upload may take as long as it keeps moving
    shouldUpgradeCallback: (request) =>
      request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket',
  });
  server.on('request', (request, response) => {
    if (closesUnread(request)) return;
    const isOffice = !edge.handle(request, response);
    onRequest(isOffice ? 'office' : 'app', response);
    if (isOffice) office(request, response);
  });
  server.on('checkContinue', (request, response) => {
    if (closesUnread(request)) return;
    const sendContinue = () => {
      if (!response.headersSent && !response.destroyed) response.writeContinue();
    };
    const isApp = edge.handle(request, response, sendContinue);
    onRequest(isApp ? 'app' : 'office', response);
    if (isApp) return;
    sendContinue();
    office(request, response);
  });
  server.on('upgrade', (request, socket, head) => edge.handleUpgrade(request, socket, head));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const status =
      error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    socket.end(bareAnswer(status));
  });
  return server;
}

function bareAnswer(status: string): string {
  return `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
}

/**
 * Chunks in HTTP/1.0 are read by some and not by others: such a request is faulty, and so is all that comes behind it on its
 * connection (RFC 9112 §6.1).
 */
function closesUnread({ httpVersionMinor, headers, socket }: IncomingMessage): boolean {
  if (socket.writableEnded) return true; // behind one that closed it
  if (httpVersionMinor !== 0 || headers['transfer-encoding'] === undefined) return false;
  socket.end(bareAnswer('400 Bad Request'));
  return true;
}
