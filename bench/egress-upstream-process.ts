import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers what the egress bench asks: a small answer, or 10 MB; takes bodies of any length. */
const SMALL = Buffer.from('a value of some forty bytes, as many are');
const LARGE = Buffer.alloc(10_000_000, 'abcdefgh');

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const body = request.url === '/large' ? LARGE : SMALL;
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
