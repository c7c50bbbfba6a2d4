import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serveChannel } from './channel-server.ts';
import { grantedHosts } from './granted-hosts.ts';
import { noAppApi } from './no-app-api.ts';
import { openChannel } from './open-channel.ts';
import { type Canary, openCanary, until } from './testing/canary.ts';

const MIB = 1 << 20;

interface Tunnel extends AsyncDisposable {
  /** Of the app; nothing of the tunnel has been read. */
  readonly socket: Socket;
}

/** A tunnel to that canary, which may say anything in it. */
async function openTunnel({ port }: Canary, halfOpenMs = 60_000): Promise<Tunnel> {
  const policy = grantedHosts([`127.0.0.1:${port}`]);
  const channel = openChannel({ policy, platform: noAppApi(), say: () => {}, clock: { now: () => 0 } });
  const folder = await mkdtemp('/tmp/tunnel-'); // short: a socket lies in it
  const server = await serveChannel(channel, join(folder, 's'), { limits: { halfOpenMs } });
  const socket = connect({ path: server.path, allowHalfOpen: true }).on('error', () => {});
  socket.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\n\r\n`);
  await once(socket, 'data');
  socket.pause();
  return {
    socket,
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Bytes of which no two parts are alike. */
function counted(bytes: number): Buffer {
  const numbers = new Uint32Array(bytes / 4);
  for (let index = 0; index < numbers.length; index++) numbers[index] = index;
  return Buffer.from(numbers.buffer);
}

test('what a place says arrives as it was said, also where its reader is slower than the place', async () => {
  const said = counted(16 * MIB);
  await using canary = await openCanary((socket) => void socket.once('data', () => socket.end(said)));
  await using tunnel = await openTunnel(canary);
  const { socket } = tunnel;
  const parts: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => {
    parts.push(bytes);
    if (parts.length % 3 !== 0) return;
    socket.pause();
    setImmediate(() => socket.resume());
  });
  socket.resume().write('\0go');
  await once(socket, 'end');
  expect(Buffer.concat(parts).equals(said)).toBe(true);
});

test('an app that does not read stops the place', async () => {
  let said = 0;
  await using canary = await openCanary((socket) => {
    const sayOn = (): void => {
      if (++said <= 64) socket.write(Buffer.alloc(MIB), sayOn);
    };
    sayOn();
  });
  await using tunnel = await openTunnel(canary);
  let before = 0;
  let turns = 0;
  await until('nothing moves any more', () => {
    turns = said === before ? turns + 1 : 0;
    before = said;
    return turns === 30;
  });
  expect(said).toBeLessThan(32);
  tunnel.socket.resume();
  await until('all has come', () => said > 64);
});

test('a tunnel of which one direction has ended stands as long as something comes through the other', async () => {
  const HALF_OPEN_MS = 100;
  await using canary = await openCanary((socket) => {
    const saying = setInterval(() => socket.write('.'), HALF_OPEN_MS / 10);
    socket.on('close', () => clearInterval(saying));
    socket.on('end', () => setTimeout(() => clearInterval(saying), HALF_OPEN_MS * 5));
  });
  await using tunnel = await openTunnel(canary, HALF_OPEN_MS);
  const { socket } = tunnel;
  let lastAt = 0;
  socket.on('data', () => {
    lastAt = performance.now();
  });
  const endedAt = performance.now();
  socket.resume().end();
  await once(socket, 'close');
  expect(lastAt - endedAt).toBeGreaterThan(HALF_OPEN_MS * 4);
});
