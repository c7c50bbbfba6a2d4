import type { IncomingMessage } from 'node:http';
import { plainAddress } from '../../kit/index.ts';
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
  // Node would make them of as many lines as have arrived, and leave out those at the end of a longer list.
  const distinct = distinctHeaders(given);
  Reflect.set(request, 'headersDistinct', distinct);
  Reflect.set(request, 'headers', joined(distinct));
  return head;
}

function distinctHeaders(given: readonly string[]): Record<string, string[]> {
  const distinct: Record<string, string[]> = Object.create(null);
  for (let index = 0; index < given.length; index += 2) {
    const name = (given[index] ?? '').toLowerCase();
    distinct[name] = [...(distinct[name] ?? []), given[index + 1] ?? ''];
  }
  return distinct;
}

/** As node joins what came more than once. */
function joined(distinct: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  const entries = Object.entries(distinct);
  return Object.fromEntries(
    entries.map(([name, values]) => [name, values.join(name === 'cookie' ? '; ' : ', ')]),
  );
}

function chunked({ hasBody }: RequestHead): string[] {
  return hasBody ? ['transfer-encoding', 'chunked'] : [];
}
