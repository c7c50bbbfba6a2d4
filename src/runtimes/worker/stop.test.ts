import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { bundleApp } from '../boxed/guest/testing/index.ts';
import type { RunningApp } from '../runtime.ts';
import { openRequest, until } from '../testing/served-app.ts';
import { useWorkers, withoutBoxes } from './testing/worker-suite.ts';

/** Ends at once when it is told to; streams a word in pieces, takes WebSockets, and writes down what it hears. */
const HASTY = `
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
const server = createServer((req, res) => {
  res.write('begun ');
  req.on('end', () => res.end('whole')).resume();
});
const sockets = new WebSocketServer({ server });
sockets.on('connection', (socket) => socket.on('message', (data) => socket.send('echo ' + data)));
process.on('SIGTERM', () => {
  console.log('told to end');
  for (const socket of sockets.clients) socket.close(1001, 'restarting');
  if (sockets.clients.size === 0) process.exit(0);
});
server.listen(3000);
`;

/** The front of an app, with WebSockets. */
async function frontOf(app: RunningApp) {
  const server = createServer((request, response) => app.serve(request, response));
  server.on('upgrade', (request, socket, head) => app.upgrade?.(request, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    at: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe.skipIf(withoutBoxes)('an app that ends itself when it is told to', () => {
  const { start } = useWorkers();

  test('is told only when what streams is whole', async () => {
    await using served = await start({}, await bundleApp(HASTY));
    const request = openRequest(served.port, '/', 'POST');
    const chunks = (await request.answer).iterator();
    expect(String((await chunks.next()).value)).toBe('begun ');
    const stopped = served.app.stop(30_000);
    request.end();
    expect(String((await chunks.next()).value)).toBe('whole');
    expect((await chunks.next()).done).toBe(true);
    await stopped;
    expect(served.logged).toContain('stdout: told to end');
    expect(await served.app.health(AbortSignal.timeout(1_000))).toMatchObject({ ok: false });
  });

  test('has its WebSockets open as long as the grace lasts, and can say goodbye to them then', async () => {
    await using served = await start({}, await bundleApp(HASTY));
    using front = await frontOf(served.app);
    const socket = new WebSocket(`ws://${front.at}/`);
    await once(socket, 'open');
    const closed = once(socket, 'close');
    const stopped = served.app.stop(1_500);
    for (const word of ['one', 'two']) {
      socket.send(word);
      expect(String((await once(socket, 'message'))[0])).toBe(`echo ${word}`);
    }
    expect(served.logged).not.toContain('stdout: told to end');
    const [code, reason] = await closed;
    expect([code, String(reason)]).toEqual([1001, 'restarting']);
    await stopped;
    await until('the log of it', () => served.logged.includes('stdout: told to end'));
  });
});
