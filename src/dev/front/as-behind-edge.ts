import type { IncomingMessage } from 'node:http';
import { type RequestHead, readRequestHead } from '../../runner/index.ts';

/**
 * Makes a request what the app would be given behind the edge of an office: without what a visitor may not say, and with who asked for what.
 * Its headers are changed in all their views.
 *
 * @returns what its headers were
 */
export function asBehindEdge(request: IncomingMessage): RequestHead {
  const head = readRequestHead(request);
  const { rawHeaders } = request;
  const framing = head.contentLength !== null ? ['content-length', head.contentLength] : chunked(head);
  const upgrade = request.headers.upgrade;
  const given = [
    ...head.headers,
    ...head.authorization.flatMap((value) => ['authorization', value]),
    ...['host', head.host],
    ...['x-forwarded-for', plainAddress(request.socket.remoteAddress)],
    ...['x-forwarded-proto', 'http'],
    ...['x-forwarded-host', head.host],
    ...framing,
    ...(upgrade?.toLowerCase() === 'websocket' ? ['connection', 'Upgrade', 'upgrade', 'websocket'] : []),
  ];
  rawHeaders.splice(0, rawHeaders.length, ...given);
  // Both are made of the list above when they are asked for, unless somebody has asked before.
  Reflect.set(request, 'headers', null);
  Reflect.set(request, 'headersDistinct', null);
  return head;
}

function chunked({ hasBody }: RequestHead): string[] {
  return hasBody ? ['transfer-encoding', 'chunked'] : [];
}

/** RFC 4291 §2.5.5.2: IPv4 in IPv6 is written as IPv4. */
function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/, '');
}
