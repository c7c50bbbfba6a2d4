import { ALLOWED, AT_LOOPBACK, type EgressAttack, type Words } from './attack.ts';

const speaking = (entry: string, name: string, ...words: Words): EgressAttack => ({
  name,
  granted: [entry, '127.0.0.1:{port}'],
  addresses: AT_LOOPBACK,
  attempt: { kind: 'speak', host: ALLOWED, words },
});
const http = (name: string, ...words: Words) => speaking(`http://${ALLOWED}:{port}`, name, ...words);
const HOST = `host: ${ALLOWED}:{port}\r\n`;
const OTHER = 'GET /other HTTP/1.1\r\nhost: other.example\r\n\r\n';

/** The first part is heard, the second must not be. */
const behind = (name: string, first: string, second = OTHER): EgressAttack => ({
  ...http(name, first, second),
  heard: first,
});
const GOOD = `GET /good HTTP/1.1\r\n${HOST}\r\n`;
const post = (fields: string, body: string) => `POST / HTTP/1.1\r\n${HOST}${fields}\r\n\r\n${body}`;
const CHUNKED = 'transfer-encoding: chunked';

/** What is said where plain HTTP to that host is granted, or where it is recognised. */
export const HTTP_ATTACKS: readonly EgressAttack[] = [
  http('another host', OTHER),
  http('another port of the host', `GET / HTTP/1.1\r\nhost: ${ALLOWED}:1\r\n\r\n`),
  http('another spelling of the port', `GET / HTTP/1.1\r\nhost: ${ALLOWED}:0{port}\r\n\r\n`),
  http('the host with a dot at its end', `GET / HTTP/1.1\r\nhost: ${ALLOWED}.:{port}\r\n\r\n`),
  http('the host in brackets', `GET / HTTP/1.1\r\nhost: [${ALLOWED}]:{port}\r\n\r\n`),
  http('the host with a soft hyphen', `GET / HTTP/1.1\r\nhost: al\xadlowed.example:{port}\r\n\r\n`),
  http('the host with a letter that folds', `GET / HTTP/1.1\r\nhost: all\xbawed.example:{port}\r\n\r\n`),
  http('the host without its port', `GET / HTTP/1.1\r\nhost: ${ALLOWED}\r\n\r\n`),
  http('no host', 'GET / HTTP/1.1\r\nx: y\r\n\r\n'),
  http('an empty host', 'GET / HTTP/1.1\r\nhost:\r\n\r\n'),
  http('two hosts', `GET / HTTP/1.1\r\n${HOST}host: other.example\r\n\r\n`),
  http('a list of hosts', `GET / HTTP/1.1\r\nhost: ${ALLOWED}:{port}, other.example\r\n\r\n`),
  http('a host with a user', `GET / HTTP/1.1\r\nhost: ${ALLOWED}:{port}@other.example\r\n\r\n`),
  http('a host behind a space', `GET / HTTP/1.1\r\n${HOST}host : other.example\r\n\r\n`),
  http('a host in a folded line', `GET / HTTP/1.1\r\n${HOST}x: y\r\n host: other.example\r\n\r\n`),
  http('a host behind a line feed', `GET / HTTP/1.1\r\n${HOST}x: y\nhost: other.example\r\n\r\n`),
  http('a host behind a carriage return', `GET / HTTP/1.1\r\n${HOST}x: y\rhost: other.example\r\n\r\n`),
  http('a host behind a NUL', `GET / HTTP/1.1\r\nhost: ${ALLOWED}:{port}\0other.example\r\n\r\n`),
  http('a host behind a hard space', `GET / HTTP/1.1\r\nhost: ${ALLOWED}:{port}\xa0\r\n\r\n`),
  http('lines without carriage returns', `GET / HTTP/1.1\n${HOST.replace('\r', '')}\n`, '\r\n\r\n'),
  http('an empty line in front', `\r\nGET / HTTP/1.1\r\n${HOST}\r\n`),
  http('a target with another host', `GET http://other.example/ HTTP/1.1\r\n${HOST}\r\n`),
  http('a target without a slash', `GET other.example/ HTTP/1.1\r\n${HOST}\r\n`),
  http('a tunnel in the tunnel', `CONNECT other.example:443 HTTP/1.1\r\n${HOST}\r\n`),
  http('a tunnel to a path', `CONNECT / HTTP/1.1\r\n${HOST}\r\n`),
  http('HTTP/1.0', `GET / HTTP/1.0\r\n${HOST}\r\n`),
  http('HTTP/0.9', 'GET /\r\n\r\n'),
  http('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  http(
    'HTTP/2 as an upgrade',
    `GET / HTTP/1.1\r\n${HOST}connection: upgrade, http2-settings\r\nupgrade: h2c\r\n\r\n`,
  ),
  http('TLS as an upgrade', `OPTIONS * HTTP/1.1\r\n${HOST}connection: upgrade\r\nupgrade: TLS/1.0\r\n\r\n`),
  http(
    'a WebSocket with a body',
    `GET / HTTP/1.1\r\n${HOST}upgrade: websocket\r\ncontent-length: 4\r\n\r\nbody`,
  ),
  http('a head that is too long', `GET / HTTP/1.1\r\n${HOST}x: ${'y'.repeat(100_000)}\r\n\r\n`),
  { ...http('a head that does not come to its end', `GET / HTTP/1.1\r\n${HOST}`), isSlow: true },
  { ...http('a head that has hardly begun', 'G'), isSlow: true },
  http('something else', 'SSH-2.0-x\r\n\r\n\r\n'),
  http('two lengths', post('content-length: 4\r\ncontent-length: 40', 'body')),
  http('a length and chunks', post(`content-length: 4\r\n${CHUNKED}`, '0\r\n\r\n')),
  http('a length with a sign', post('content-length: +4', 'body')),
  http('a list of lengths', post('content-length: 4, 4', 'body')),
  http('a coding that is not chunked', post('transfer-encoding: xchunked', '0\r\n\r\n')),
  http('chunked twice', post('transfer-encoding: chunked, chunked', '0\r\n\r\n')),
  http('a coding behind another field of it', post(`${CHUNKED}\r\ntransfer-encoding: identity`, '0\r\n\r\n')),
  behind('another host in the second request', GOOD),
  behind('another host behind a body with a length', post('content-length: 4', 'body')),
  behind('another host behind a body in chunks', post(CHUNKED, '4\r\nbody\r\n0\r\n\r\n')),
  behind('another host behind trailers', post(CHUNKED, '0\r\nx: y\r\n\r\n')),
  behind('a request in the place of trailers', post(CHUNKED, '0\r\n'), OTHER),
  behind('a folded line among trailers', post(CHUNKED, '0\r\n'), ' x: y\r\n\r\n'),
  behind('a host among trailers', post(CHUNKED, '0\r\n'), 'Host: other.example\r\n\r\n'),
  behind('a length among trailers', post(CHUNKED, '0\r\nx: y\r\n'), `content-length: 50\r\n\r\n${GOOD}`),
  behind(
    'a head that is too long in the second request',
    GOOD,
    `GET / HTTP/1.1\r\nx: ${'y'.repeat(100_000)}`,
  ),
  behind('chunks with extensions', `${post(CHUNKED, '')}`, `4;x="\n0\r\n\r\n${OTHER}"\r\nbody\r\n0\r\n\r\n`),
  behind('a chunk whose size is none', post(CHUNKED, ''), `-1\r\n${OTHER}`),
  behind(
    'a chunk whose size is too long',
    post(CHUNKED, ''),
    `0000000000000000000004\r\nbody\r\n0\r\n\r\n${OTHER}`,
  ),
  behind('a chunk that is longer than it says', post(CHUNKED, '4\r\nbody'), `more\r\n0\r\n\r\n${OTHER}`),
  behind('a chunk behind a line feed', post(CHUNKED, '4\r\nbody'), `\n0\r\n\r\n${OTHER}`),
  behind(
    'a WebSocket at another host in the second request',
    GOOD,
    `GET / HTTP/1.1\r\nhost: other.example\r\nupgrade: websocket\r\n\r\n`,
  ),
  { ...behind('half a size of a chunk', post(CHUNKED, '1'), ''), isSlow: true },
  speaking(`${ALLOWED}:{port}`, 'another host where no scheme is granted', OTHER),
  speaking(`${ALLOWED}:{port}`, 'HTTP/2 where no scheme is granted', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  speaking(`${ALLOWED}:{port}`, 'an empty line in front where no scheme is granted', `\r\n${OTHER}`),
];
