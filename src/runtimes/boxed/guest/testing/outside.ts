import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createSecureServer } from 'node:http2';
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import {
  type AppChannel,
  type Destination,
  grantedHosts,
  noAppApi,
  openChannel,
  serveChannel,
} from '../../../../egress/index.ts';
import { systemClock } from '../../../../kit/index.ts';
import { CERTIFICATE } from './certificate.ts';

/** What an app can reach in a test, and the socket of its way there. */
export interface Outside extends AsyncDisposable {
  readonly channelPath: string;
  /** File of the certificate that `tls.test` shows. */
  readonly certificatePath: string;
  /** Where the app wanted to go, as `host:port`. */
  readonly dialled: readonly string[];
}

/**
 * Opens `plain.test` and `192.0.2.7` and `2001:db8::7` (HTTP, WebSocket), `tls.test:443` (HTTPS, HTTP/2), `greets.test` (says `220 hello`
 * at once, then sends back what comes, and ` bye` after its end), `slow.test` (answers never) and `gone.test` (nobody is there).
 * All else is denied; `tabbify.internal` is the platform.
 */
export async function openOutside(): Promise<Outside> {
  const folder = await mkdtemp(join(tmpdir(), 'outside-'));
  const answer: RequestListener = (request, response) => void request.pipe(response);
  const plain = createServer(answer);
  new WebSocketServer({ server: plain }).on('connection', (socket) => socket.send('hello'));
  const secure = createSecureServer({ ...CERTIFICATE, allowHTTP1: true }, (request, response) => {
    response.end(`secure ${request.httpVersion}`);
  });
  const greeting = createTcpServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {}); // an app that leaves
    socket.write('220 hello ');
    socket.pipe(socket, { end: false });
    socket.on('end', () => socket.end(' bye'));
  });
  const ports = await Promise.all([plain, secure, greeting].map(listen));
  const gone = createTcpServer();
  const gonePort = await listen(gone);
  gone.close();

  const dialled: string[] = [];
  const real = openChannel({
    policy: grantedHosts(),
    platform: noAppApi(),
    say: () => {},
    clock: systemClock,
  });
  const places: Readonly<Record<string, number | undefined>> = {
    'plain.test:80': ports[0],
    '192.0.2.7:80': ports[0],
    '2001:db8::7:80': ports[0],
    'tls.test:443': ports[1],
    'other.test:443': ports[1],
    'greets.test:25': ports[2],
    'gone.test:80': gonePort,
  };
  const channel: AppChannel = {
    async dial(to: Destination, signal) {
      const place = `${to.host}:${to.port}`;
      dialled.push(place);
      if (to.host === 'slow.test') return new Promise(() => {});
      const port = places[place];
      if (port === undefined) return real.dial(to, signal);
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      await once(socket, 'connect');
      return socket;
    },
  };
  const channelPath = join(folder, 'channel.sock');
  const served = await serveChannel(channel, channelPath);
  const certificatePath = join(folder, 'tls.crt');
  await writeFile(certificatePath, CERTIFICATE.cert);
  return {
    channelPath,
    certificatePath,
    dialled,
    async [Symbol.asyncDispose]() {
      await served.close();
      for (const server of [plain, secure, greeting]) server.close();
      plain.closeAllConnections();
      await rm(folder, { recursive: true });
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
