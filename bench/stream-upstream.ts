import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';

/** An upstream that streams `/<bytes>` as fast as it is read, and answers an upload with the bytes it counted. Prints its port. */
const CHUNK = Buffer.alloc(64 * 1024, 'x');

function* bytes(count: number): Generator<Buffer> {
  for (let left = count; left > 0; left -= CHUNK.length)
    yield left >= CHUNK.length ? CHUNK : CHUNK.subarray(0, left);
}

const server = createServer((request, response) => {
  if (request.method === 'POST') {
    let count = 0;
    request.on('data', (chunk: Buffer) => {
      count += chunk.length;
    });
    request.on('end', () => response.end(String(count)));
    return;
  }
  const count = Number(request.url?.slice(1));
  response.writeHead(200, { 'content-length': count });
  Readable.from(bytes(count)).pipe(response);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`);
