/** Hosts that the edge knows: of the app that is attacked, and of one that must hear nothing of it. */
export const HOSTS = { attacked: 'attacked.localhost', canary: 'canary.localhost' } as const;

/** What is inside another request, or behind where it may be read to end: it is never to be a request of its own. */
const INNER = `GET /smuggled HTTP/1.1\r\nHost: ${HOSTS.canary}\r\nX-Smuggled: yes\r\n\r\n`;
const HEX = INNER.length.toString(16);

const head = (rest: string, method = 'POST', version = '1.1') =>
  `${method} /outer HTTP/${version}\r\nHost: ${HOSTS.attacked}\r\n${rest}\r\n`;
const chunked = (rest: string) => head(`Transfer-Encoding: chunked\r\n${rest}`);
const sized = (rest: string, size = String(INNER.length)) =>
  head(`Content-Length: ${size}\r\n${rest}`) + INNER;

/** Requests that two parsers could read differently, by what is odd about them. */
export const SMUGGLED_REQUESTS: Readonly<Record<string, string>> = {
  'a length, and chunks that end before it': `${head(`Content-Length: ${INNER.length + 5}\r\nTransfer-Encoding: chunked\r\n`)}0\r\n\r\n${INNER}`,
  'chunks, and a length that ends before them': `${head('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n')}${HEX}\r\n${INNER}\r\n0\r\n\r\n`,
  'chunks and no length at all in one field': `${head('Transfer-Encoding: chunked, identity\r\n')}0\r\n\r\n${INNER}`,
  'chunks by another name': sized('Transfer-Encoding: xchunked\r\n', '0'),
  'chunks behind a tabulator': sized('Transfer-Encoding:\x0bchunked\r\n', '0'),
  'chunks with a space before the colon': sized('Transfer-Encoding : chunked\r\n', '0'),
  'chunks said twice': `${head('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n')}0\r\n\r\n${INNER}`,
  'chunks said, and then something else': `${head('Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n')}0\r\n\r\n${INNER}`,
  'chunks in quotes': sized('Transfer-Encoding: "chunked"\r\n', '0'),
  'chunks with an underscore': sized('Transfer_Encoding: chunked\r\n'),
  'chunks in an older version': `${head('Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n', 'POST', '1.0')}0\r\n\r\n${INNER}`,
  'a length folded over lines': sized('X: a\r\n Content-Length: 0\r\n'),
  'chunks folded over lines': sized('Transfer-Encoding:\r\n chunked\r\n', '0'),
  'a line that ends bare': sized('X: a\nTransfer-Encoding: chunked\r\n', '0'),
  'a line that ends in a bare carriage return': sized('X: a\rTransfer-Encoding: chunked\r\n', '0'),
  'lines that end bare, all of them': `${chunked('').replaceAll('\r\n', '\n')}0\n\n${INNER}`,
  'an extension of a chunk with an end of line in it': `${chunked('')}2;a\nxx\r\n${HEX}\r\n${INNER}\r\n0\r\n\r\n${INNER}`,
  'an extension of a chunk that is long':
    `${chunked('')}2;${'a'.repeat(30_000)}\r\nxx\r\n0\r\n\r\n${INNER}`.slice(0, -INNER.length),
  'a chunk that ends bare': `${chunked('')}2\nxx\n0\n\n${INNER}`,
  'a chunk of a size past counting': `${chunked('')}fffffffffffffffff\r\n${INNER}`,
  'a chunk of a size that wraps': `${chunked('')}10000000000000002\r\nxx\r\n0\r\n\r\n${INNER}`,
  'a chunk of a size with a sign': `${chunked('')}+2\r\nxx\r\n0\r\n\r\n${INNER}`,
  'a chunk of a size with a prefix': `${chunked('')}0x2\r\nxx\r\n0\r\n\r\n${INNER}`,
  'a chunk of a negative size': `${chunked('')}-1\r\nxx\r\n0\r\n\r\n${INNER}`,
  'a chunk of a size behind a space': `${chunked('')} 2\r\nxx\r\n0\r\n\r\n${INNER}`,
  'a chunk that is longer than it says': `${chunked('')}2\r\nxxyy0\r\n\r\n${INNER}`,
  'two lengths': `${head(`Content-Length: 0\r\nContent-Length: ${INNER.length}\r\n`)}${INNER}`,
  'a list of lengths': sized('', `0, ${INNER.length}`),
  'a length with a sign': sized('', '+0'),
  'a length with a space in it': sized('', '0 1'),
  'a length in hex': sized('', '0x0'),
  'a negative length': sized('', '-1'),
  'a length past counting': sized('', '18446744073709551616'),
  'a length with an underscore': sized('', '1_0'),
  'a length that is a field of the connection': sized('Connection: content-length\r\n'),
  'chunks that are a field of the connection': `${chunked('Connection: transfer-encoding\r\n')}${HEX}\r\n${INNER}\r\n0\r\n\r\n`,
  'a host that is a field of the connection': sized('Connection: host, x-forwarded-host\r\n'),
  'a body where none is usual': sized('').replace('POST', 'GET'),
  'a body of a method of its own': sized('').replace('POST', 'PROPFIND'),
  'another place in the first line': `GET http://${HOSTS.canary}/smuggled HTTP/1.1\r\nHost: ${HOSTS.attacked}\r\n\r\n`,
  'a place with a port in the first line': `GET ${HOSTS.canary}:80 HTTP/1.1\r\nHost: ${HOSTS.attacked}\r\n\r\n`,
  'a tunnel': `CONNECT ${HOSTS.canary}:80 HTTP/1.1\r\nHost: ${HOSTS.attacked}\r\n\r\n${INNER}`,
  'two hosts': `GET /smuggled HTTP/1.1\r\nHost: ${HOSTS.attacked}\r\nHost: ${HOSTS.canary}\r\n\r\n`,
  'two hosts in one field': `GET /smuggled HTTP/1.1\r\nHost: ${HOSTS.attacked}, ${HOSTS.canary}\r\n\r\n`,
  'a host with somebody before it': `GET /smuggled HTTP/1.1\r\nHost: ${HOSTS.attacked}@${HOSTS.canary}\r\n\r\n`,
  'no version': `GET /smuggled\r\n\r\n`,
  'a version of its own': head('', 'GET', '1.1 HTTP/1.1').replace('/outer', '/smuggled'),
  'a space in the path': `GET /smuggled HTTP/1.1\r\nX: /x HTTP/1.1\r\nHost : ${HOSTS.canary}\r\n\r\n`,
  'another protocol, of HTTP itself': `${head('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nContent-Length: 0\r\n').replace('POST', 'GET')}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${INNER}`,
  'a WebSocket that the app does not speak': `${head('Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n', 'GET')}${INNER}`,
  'a WebSocket without a key': `${head('Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 777\r\n', 'GET')}${INNER}`,
  'a zero byte in a name': sized('X\0Y: a\r\n'),
  'a zero byte in a value': sized('X: a\0b\r\n'),
  'a space in a name': sized('X Y: a\r\n'),
  'an empty name': sized(': a\r\n'),
  'a name beyond ASCII': sized('X\xe9: a\r\n'),
  'a name that ends in a control character': sized('Transfer-Encoding\x7f: chunked\r\n'),
  'a line without a colon': sized('Transfer-Encoding chunked\r\n'),
  'a line before the first': `\r\n\0${INNER}`,
  'trailers that are headers': `${chunked('Trailer: content-length, host, x-smuggled\r\n')}2\r\nxx\r\n0\r\nContent-Length: 90\r\nHost: ${HOSTS.canary}\r\nX-Smuggled: yes\r\nTransfer-Encoding: chunked\r\n\r\n`,
  'a trailer that does not end': `${chunked('')}0\r\nX: a\nGET /smuggled HTTP/1.1\r\nHost : ${HOSTS.canary}\r\n\r\n`,
  'a body that is not asked for': `${head(`Expect: 100-continue\r\nContent-Length: ${INNER.length}\r\n`)}${INNER}`,
  'an expectation that nobody knows': `${head(`Expect: x\r\nContent-Length: ${INNER.length}\r\n`)}${INNER}`,
  'headers of the platform': head(
    'Tabbify-Runner-Key: x-smuggled\r\nX-Forwarded-Host: x-smuggled\r\nX-Forwarded-Prefix: x-smuggled\r\nContent-Length: 0\r\n',
  ),
};
