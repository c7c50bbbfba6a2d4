import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createServer as createSecure } from 'node:tls';
import { expect, test } from 'vitest';
import { grantedHosts, noAppApi, openChannel, secureStream, serveChannel } from '../../../egress/index.ts';
import { CERTIFICATE, CERTIFICATE_KEY } from '../../../egress/testing/index.ts';
import { systemClock } from '../../../kit/index.ts';
import { AppLog } from '../../app-log.ts';
import { guestChannel } from './guest-channel.ts';

const SIZE = 8 << 20;
const SAID = Buffer.from(Uint32Array.from({ length: SIZE / 4 }, (_, index) => index).buffer);

/** A stream from inside a box to that server on this machine. */
async function dialFromBox(server: Server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const policy = grantedHosts([`127.0.0.1:${port}`]);
  const channel = openChannel({ policy, platform: noAppApi(), say: () => {}, clock: systemClock });
  const folder = await mkdtemp('/tmp/guest-'); // short: a socket lies in it
  const served = await serveChannel(channel, join(folder, 's'));
  const inside = guestChannel(served.path, new AppLog(() => {}, systemClock));
  return {
    stream: await inside.dial({ host: '127.0.0.1', port }),
    async [Symbol.asyncDispose]() {
      await served.close();
      await rm(folder, { recursive: true });
      server.close();
    },
  };
}

async function bytesOf(stream: Duplex): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const bytes of stream) parts.push(bytes as Buffer);
  return Buffer.concat(parts);
}

test('what comes through a tunnel arrives as it was said, also to whoever takes it out of the stream later', async () => {
  await using box = await dialFromBox(
    createServer((socket) => void socket.on('error', () => {}).once('data', () => socket.end(SAID))),
  );
  const { stream } = box;
  stream.write('\0go');
  expect((await bytesOf(stream)).equals(SAID)).toBe(true);
});

test('and so it does in TLS', async () => {
  const server = createSecure({ cert: CERTIFICATE, key: CERTIFICATE_KEY }, (socket) =>
    socket.on('error', () => {}).end(SAID),
  );
  await using box = await dialFromBox(server);
  const signal = new AbortController().signal;
  const secure = await secureStream(box.stream, '127.0.0.1', { signal, ca: CERTIFICATE });
  expect((await bytesOf(secure)).equals(SAID)).toBe(true);
});
