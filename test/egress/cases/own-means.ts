import { clientHello } from '../../../src/egress/testing/index.ts';
import type { Attempt } from '../attempt.ts';
import type { EgressCase, Missing } from '../case.ts';

const granted = ['allowed.example:{port}', '127.0.0.1:{http}'];
const addresses = { 'allowed.example': [['127.0.0.1']] } as const;
const NO_MEANS: Missing = { why: 'a component has no means of its own: no sockets, no datagrams, no TLS' };
const NO_SOCKET: Missing = { why: 'it goes around the proxy, or is a client that the proxy does not see' };

/** What an app of Node has besides plain connections. */
function node(name: string, ...attempts: readonly Attempt[]): EgressCase {
  return {
    ...{ name, granted, addresses, component: NO_MEANS, proxy: NO_SOCKET },
    worker: (fill) =>
      JSON.parse(fill(JSON.stringify(attempts)).replace(/"port":"(\d+)"/g, '"port":$1')) as Attempt[],
  };
}
/** Filled in where an attempt crosses as JSON. */
const PORT = '{port}' as unknown as number;
const OTHER = '{other}' as unknown as number;
const tls = { granted: ['https://allowed.example:{port}', '127.0.0.1:{port}'], isSaid: true } as const;
const place = { host: 'allowed.example', port: PORT } as const;

/** Ways out that only a worker has. */
export const OWN_MEANS: readonly EgressCase[] = [
  node('a datagram', { by: 'datagram', host: '127.0.0.1', port: PORT }),
  node('a question to a name server of the app', { by: 'lookup', host: '127.0.0.1', port: PORT }),
  node('a TCP handle under node:net', { by: 'handle', host: '127.0.0.1', port: PORT }),
  node('an abstract unix socket of the host', { by: 'raw', path: '\0{abstract}', words: ['aGVsbG8='] }),
  node('a name that the app looks up itself', {
    ...{ by: 'custom', host: 'far.example', port: OTHER, address: '127.0.0.1' },
  }),
  node('a granted name that the app looks up itself, at another port', {
    ...{ by: 'custom', host: 'allowed.example', port: OTHER, address: '127.0.0.1' },
  }),
  {
    ...node('HTTP/2 in the clear, by its client', { by: 'http2', url: 'http://allowed.example:{port}' }),
    granted: ['http://allowed.example:{port}', '127.0.0.1:{port}'],
    isSaid: true,
  },
  {
    ...node('TLS with another server name, by its client', {
      by: 'tls',
      ...place,
      servername: 'other.example',
    }),
    ...tls,
  },
  { ...node('TLS without a server name, by its client', { by: 'tls', ...place, servername: '' }), ...tls },
  {
    ...node('HTTPS with another server name, by its client', {
      ...{ by: 'https', url: 'https://allowed.example:{port}/', servername: 'other.example' },
    }),
    ...tls,
  },
  {
    ...node('HTTP/2 with another server name, by its client', {
      ...{ by: 'http2', url: 'https://allowed.example:{port}', servername: 'other.example' },
      headers: { ':authority': 'other.example' },
    }),
    ...tls,
  },
  {
    ...node('TLS where plain HTTP is granted, by its client', {
      by: 'tls',
      ...place,
      servername: 'allowed.example',
    }),
    granted: ['http://allowed.example:{port}', '127.0.0.1:{port}'],
    isSaid: true,
    entry: 'https://allowed.example:{port}',
  },
  {
    ...node('plain HTTP where TLS is granted, by its client', {
      by: 'http',
      url: 'http://allowed.example:{port}/',
    }),
    ...tls,
    entry: 'http://allowed.example:{port}',
  },
  {
    ...node('another Host by its client', {
      ...{ by: 'http', url: 'http://allowed.example:{port}/', headers: { host: 'other.example' } },
    }),
    granted: ['http://allowed.example:{port}', '127.0.0.1:{port}'],
    isSaid: true,
  },
  {
    ...node('another server name behind values of GREASE', {
      ...{
        by: 'raw',
        ...place,
        words: [clientHello({ names: ['other.example'], grease: true }).toString('base64')],
      },
    }),
    ...tls,
  },
];
