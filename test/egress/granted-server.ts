import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { CERTIFICATE, CERTIFICATE_KEY } from '../../src/egress/testing/index.ts';

/**
 * What an app is granted, in the clear and over TLS: `/` says `reached` · `/hops/N` leads to itself N times · `/inward/STATUS?to=URL`
 * leads there · `/parts` says it in three parts · an upgrade to WebSocket is agreed to with the text `reached`.
 */
export interface GrantedServer extends AsyncDisposable {
  readonly httpPort: number;
  readonly httpsPort: number;
}

const WEBSOCKET = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'; // RFC 6455 §1.3
const PARTS = ['re', 'ach', 'ed'];

const answer: RequestListener = (request, response) => {
  const { pathname, search } = new URL(request.url ?? '/', 'http://x');
  const [, route = '', argument = ''] = pathname.split('/');
  request.resume();
  if (route === 'hops' && Number(argument) > 0)
    response.writeHead(302, { location: `/hops/${Number(argument) - 1}` }).end();
  else if (route === 'inward')
    response.writeHead(Number(argument), { location: decodeURIComponent(search.slice('?to='.length)) }).end();
  else if (route === 'parts') {
    const [first = '', ...rest] = PARTS;
    response.write(first);
    for (const part of rest) setImmediate(() => response.write(part));
    setTimeout(() => response.end(), 20);
  } else response.end('reached');
};

function upgrade(request: IncomingMessage, socket: Socket): void {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}${WEBSOCKET}`)
    .digest('base64');
  const head = `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}`;
  socket.on('error', () => {});
  socket.write(`${head}\r\n\r\n`);
  socket.write(Buffer.concat([Buffer.from([0x81, PARTS.join('').length]), Buffer.from(PARTS.join(''))]));
}

/** Listens at 127.0.0.1, on two free ports. */
export async function openGrantedServer(): Promise<GrantedServer> {
  const plain = createServer(answer).on('upgrade', upgrade);
  const secure = createSecureServer({ key: CERTIFICATE_KEY, cert: CERTIFICATE }, answer);
  const sockets = new Set<Socket>();
  for (const server of [plain, secure]) {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  secure.on('tlsClientError', () => {});
  return {
    httpPort: (plain.address() as AddressInfo).port,
    httpsPort: (secure.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      for (const server of [plain, secure]) await new Promise((resolve) => server.close(resolve));
    },
  };
}
