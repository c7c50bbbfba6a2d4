import { isAbsolute } from 'node:path';
import { defineErrors } from './error.ts';

declare const brand: unique symbol;

/**
 * Where something answers HTTP: `http://127.0.0.1:41234`, `http://[fd5a:1f02::1]:8730` or `unix:/run/app.sock`. One place has one
 * text. Whoever passes it on does not look inside; whoever connects asks `reachOf`.
 */
export type Endpoint = string & { readonly [brand]: 'Endpoint' };

/** What a client connects to. Fits `new Pool(origin, { socketPath })` of undici and `request(origin, { socketPath })` of node. */
export interface Reach {
  /** For URLs and, at a unix socket, for nothing but the form: nobody resolves its name. */
  readonly origin: string;
  /** Absent where the origin says it all. */
  readonly socketPath?: string;
}

const endpointError = defineErrors({
  /** A text that names no place to connect to. */
  endpoint_invalid: { status: 500, title: 'Not an endpoint' },
});

const UNIX = 'unix:';
/** Bytes that the path of a socket may have on Linux (unix(7): `sun_path` with its closing zero has 108). */
const MAX_SOCKET_PATH = 107;

/** Reads an endpoint, in whatever spelling, and gives back its one text. @throws TabbifyError `endpoint_invalid` */
export function parseEndpoint(text: string): Endpoint {
  if (text.startsWith(UNIX)) return socketEndpoint(decoded(text));
  if (!/^http:\/\//i.test(text)) throw invalid(text, 'it begins neither with http:// nor with unix:');
  if (!URL.canParse(text)) throw invalid(text, 'its host or its port is none');
  const url = new URL(text);
  const isBare = `${url.username}${url.password}${url.search}${url.hash}` === '' && url.pathname === '/';
  if (!isBare) throw invalid(text, 'it has more than a host and a port');
  return `http://${url.host}` as Endpoint;
}

/** Is this the very text of an endpoint? */
export function isEndpoint(value: unknown): value is Endpoint {
  try {
    return typeof value === 'string' && parseEndpoint(value) === value;
  } catch {
    return false;
  }
}

/**
 * The endpoint of a server that listens on a TCP port.
 *
 * @param host name or address; one of IPv6 without brackets
 * @throws TabbifyError `endpoint_invalid`
 */
export function httpEndpoint(host: string, port: number): Endpoint {
  return parseEndpoint(`http://${host.includes(':') ? `[${host}]` : host}:${port}`);
}

/** The endpoint of a server that listens on a unix socket. @param path absolute @throws TabbifyError `endpoint_invalid` */
export function socketEndpoint(path: string): Endpoint {
  if (!isAbsolute(path)) throw invalid(`${UNIX}${path}`, 'the path of the socket is not absolute');
  if (path.includes('\0') || !path.isWellFormed()) throw invalid(`${UNIX}${path}`, 'no file has such a name');
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH)
    throw invalid(`${UNIX}${path}`, `the path of the socket is longer than ${MAX_SOCKET_PATH} bytes`);
  return `${UNIX}${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}` as Endpoint;
}

/** What to connect to. */
export function reachOf(endpoint: Endpoint): Reach {
  if (!endpoint.startsWith(UNIX)) return { origin: endpoint };
  return { origin: 'http://localhost', socketPath: decoded(endpoint) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.slice(UNIX.length));
  } catch {
    throw invalid(text, 'a percent sign in it is not followed by the code of a character');
  }
}

function invalid(text: string, why: string) {
  return endpointError('endpoint_invalid', {
    what: `${JSON.stringify(text)} is no endpoint`,
    why,
    hint: 'An endpoint looks like http://127.0.0.1:41234 or unix:/run/app.sock',
  });
}
