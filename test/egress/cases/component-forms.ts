import type { ComponentRequest } from '../component-request.ts';

type Fields = NonNullable<ComponentRequest['headers']>;

/** A request to the place that is granted. */
const asking = (parts: Partial<ComponentRequest>): readonly ComponentRequest[] => [
  { authority: 'allowed.example:{port}', ...parts },
];
const saying = (...headers: Fields) => asking({ headers });
const posting = (...headers: Fields) => asking({ method: 'POST', headers, body: 'body' });
const OTHER = 'other.example';

/**
 * What a component can make of the attacks that are bytes on a connection: it has no bytes, but a method, a scheme, an authority, a path, fields
 * and a body, in which it may put what it likes. By the name in the table.
 */
export const COMPONENT_FORMS: Readonly<Record<string, readonly ComponentRequest[]>> = {
  'http: another host': saying(['host', OTHER]),
  'http: another port of the host': saying(['Host', 'allowed.example:1']),
  'http: an empty host': saying(['host', '']),
  'http: two hosts': saying(['host', 'allowed.example:{port}'], ['host', OTHER]),
  'http: a list of hosts': saying(['host', `allowed.example:{port}, ${OTHER}`]),
  'http: a host with a user': asking({ authority: `allowed.example:{port}@${OTHER}` }),
  'http: a host behind a space': saying(['host ', OTHER]),
  'http: a host in a folded line': saying(['x', `y\r\n host: ${OTHER}`]),
  'http: a host behind a line feed': saying(['x', `y\nhost: ${OTHER}`]),
  'http: a host behind a carriage return': saying(['x', `y\rhost: ${OTHER}`]),
  'http: a host behind a NUL': asking({ authority: `allowed.example:{port}\0${OTHER}` }),
  'http: a host behind a hard space': asking({ authority: 'allowed.example:{port}\xa0' }),
  'http: an empty line in front': asking({ method: '\r\nGET' }),
  'http: a target with another host': asking({ path: `http://${OTHER}/` }),
  'http: a target without a slash': asking({ path: `${OTHER}/` }),
  'http: a tunnel in the tunnel': asking({ method: 'CONNECT', path: `${OTHER}:443` }),
  'http: HTTP/1.0': asking({ path: '/ HTTP/1.0' }),
  'http: the preface of HTTP/2': asking({ method: 'PRI', path: '*' }),
  'http: HTTP/2 as an upgrade': saying(
    ['connection', 'upgrade, http2-settings'],
    ['upgrade', 'h2c'],
    ['http2-settings', 'AAMAAABkAAQAAP__'],
  ),
  'http: TLS as an upgrade': asking({
    ...{ method: 'OPTIONS', path: '*' },
    headers: [
      ['connection', 'upgrade'],
      ['upgrade', 'TLS/1.0'],
    ],
  }),
  'http: a WebSocket with a body': posting(['upgrade', 'websocket']),
  'http: a head that is too long': saying(['x', 'y'.repeat(100_000)]),
  'http: two lengths': posting(['content-length', '4'], ['content-length', '40']),
  'http: a length and chunks': posting(['content-length', '4'], ['transfer-encoding', 'chunked']),
  'http: a length with a sign': posting(['content-length', '+4']),
  'http: a list of lengths': posting(['content-length', '4, 4']),
  'http: a coding that is not chunked': posting(['transfer-encoding', 'xchunked']),
  'http: chunked twice': posting(['transfer-encoding', 'chunked, chunked']),
  'http: a coding behind another field of it': posting(
    ['transfer-encoding', 'chunked'],
    ['transfer-encoding', 'identity'],
  ),
  'http: another host where no scheme is granted': saying(['host', OTHER]),
  'http: HTTP/2 where no scheme is granted': asking({ method: 'PRI', path: '*' }),
  'tls: plain HTTP': asking({ scheme: 'http' }),
  'tls: TLS where plain HTTP is granted': asking({ scheme: 'https' }),
};
