import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveChannel } from '../../../src/egress/index.ts';
import type { EgressCase, ProxyWords } from '../case.ts';
import type { World } from '../world.ts';
import { type Face, type Outcome, PATIENCE_MS } from './face.ts';

/** The channel's socket, and whoever writes to it what he likes. */
export async function openProxyFace(world: World, patienceMs = PATIENCE_MS): Promise<Face> {
  const folder = await mkdtemp(join(tmpdir(), 'egress-attacks-'));
  const server = await serveChannel(world.channel, join(folder, 's'), { limits: { headMs: 200 } });
  return {
    name: 'proxy',
    attempt: ({ proxy, isSaid }: EgressCase) =>
      'why' in proxy ? null : speak(server.path, proxy(world.fill), isSaid ?? false, patienceMs),
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function speak(
  path: string,
  words: ProxyWords,
  isSaid: boolean,
  patienceMs: number,
): Promise<Outcome[]> {
  const socket = connect(path);
  let received = '';
  socket
    .on('error', () => {})
    .on('data', (bytes) => {
      received += bytes.toString('latin1');
    });
  const closed = new Promise<'closed'>((resolve) => socket.once('close', () => resolve('closed')));
  for (const word of words) {
    if (word === 'answer') await Promise.race([closed, answered(socket)]);
    else if (!socket.destroyed) await new Promise<void>((resolve) => socket.write(word, () => resolve()));
  }
  const timer = AbortSignal.timeout(patienceMs);
  const late = new Promise<'late'>((resolve) => timer.addEventListener('abort', () => resolve('late')));
  const end = await Promise.race([closed, late]);
  socket.destroy();
  const isReached = !isSaid && received.startsWith('HTTP/1.1 200 Connection');
  return [{ by: 'proxy', isReached, isClean: end === 'closed', shown: received.slice(0, 300) }];
}

function answered(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('data', resolve));
}
