import { clientHello } from '../client-hello.ts';
import { ALLOWED, AT_LOOPBACK, type EgressAttack, type Words } from './attack.ts';

/** `far.example` has the canary's address as well, and is not granted. */
const asking = (name: string, ...words: Words): EgressAttack => ({
  name,
  granted: [`${ALLOWED}:1`, '127.0.0.1:1'],
  addresses: { ...AT_LOOPBACK, 'far.example': [['127.0.0.1']] },
  attempt: { kind: 'proxy', words },
});
const MADE_UP = 'GET http://tabbify.internal/ HTTP/1.1\r\nhost: tabbify.internal\r\n\r\n';

/** What is sent to the channel's socket by who does not keep to what it is for. */
export const PROXY_ATTACKS: readonly EgressAttack[] = [
  asking('a tunnel to a place that is not granted', 'CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n'),
  asking('a tunnel to a name that is not granted', 'CONNECT far.example:{port} HTTP/1.1\r\n\r\n'),
  asking('a tunnel to another port', `CONNECT ${ALLOWED}:{port} HTTP/1.1\r\n\r\n`),
  asking('a tunnel without a port', 'CONNECT 127.0.0.1 HTTP/1.1\r\n\r\n'),
  asking('a tunnel with a user', `CONNECT ${ALLOWED}@127.0.0.1:{port} HTTP/1.1\r\n\r\n`),
  asking('a tunnel to a URL', 'CONNECT http://127.0.0.1:{port} HTTP/1.1\r\n\r\n'),
  asking('a tunnel with two ports', `CONNECT ${ALLOWED}:1:{port} HTTP/1.1\r\n\r\n`),
  asking(
    'a tunnel whose host field is granted',
    `CONNECT 127.0.0.1:{port} HTTP/1.1\r\nhost: ${ALLOWED}:1\r\n\r\n`,
  ),
  asking(
    'bytes behind the head of a tunnel that is denied',
    'CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n',
  ),
  asking('a request to a place that is not granted', 'GET http://127.0.0.1:{port}/ HTTP/1.1\r\n\r\n'),
  asking(
    'a request whose host field is granted',
    `GET http://127.0.0.1:{port}/ HTTP/1.1\r\nhost: ${ALLOWED}:1\r\n\r\n`,
  ),
  asking('a request with a user', `GET http://${ALLOWED}@127.0.0.1:{port}/ HTTP/1.1\r\n\r\n`),
  asking('a request with a backslash', `GET http://127.0.0.1:{port}\\@${ALLOWED}:1/ HTTP/1.1\r\n\r\n`),
  asking('a request with a fragment', `GET http://127.0.0.1:{port}#@${ALLOWED}:1/ HTTP/1.1\r\n\r\n`),
  asking('a request to a short address', 'GET http://127.1:{port}/ HTTP/1.1\r\n\r\n'),
  asking('a request to an address as a number', 'GET http://2130706433:{port}/ HTTP/1.1\r\n\r\n'),
  asking('a request to an octal address', 'GET http://0177.0.0.1:{port}/ HTTP/1.1\r\n\r\n'),
  asking('a request to a mapped address', 'GET http://[::ffff:127.0.0.1]:{port}/ HTTP/1.1\r\n\r\n'),
  asking('a request in origin form', 'GET / HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n'),
  asking('a request for https', 'GET https://127.0.0.1:{port}/ HTTP/1.1\r\n\r\n'),
  asking(
    'a request behind another one',
    `${MADE_UP}GET http://127.0.0.1:{port}/ HTTP/1.1\r\nhost: a\r\n\r\n`,
  ),
  asking('a tunnel behind a request', `${MADE_UP}CONNECT 127.0.0.1:{port} HTTP/1.1\r\nhost: a\r\n\r\n`),
  asking(
    'a request in the body of one that is denied',
    'POST http://127.0.0.1:{port}/ HTTP/1.1\r\ncontent-length: 5\r\n\r\nGET http://127.0.0.1:{port}/ HTTP/1.1\r\n\r\n',
  ),
  asking(
    'a request with two lengths',
    'POST http://127.0.0.1:{port}/ HTTP/1.1\r\ncontent-length: 4\r\ncontent-length: 40\r\n\r\nbody',
  ),
  asking(
    'a request with a length and chunks',
    'POST http://127.0.0.1:{port}/ HTTP/1.1\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  ),
  asking(
    'a head that is too long',
    `GET http://127.0.0.1:{port}/ HTTP/1.1\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
  ),
  {
    ...asking('a head that does not come to its end', 'CONNECT 127.0.0.1:{port} HTTP/1.1\r\nx'),
    isSlow: true,
  },
  asking('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  asking('TLS', clientHello({ names: ['far.example'] })),
  asking('a greeting of SOCKS', Buffer.from([5, 1, 0])),
  asking(
    'a WebSocket to a place that is not granted',
    'GET http://127.0.0.1:{port}/ HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  ),
];
