import { mkdtemp, rm } from 'node:fs/promises';
import { connect, isIPv6, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveChannel } from '../../channel-server.ts';
import { grantedHosts } from '../../granted-hosts.ts';
import { noAppApi } from '../../no-app-api.ts';
import { openChannel } from '../../open-channel.ts';
import { until } from '../canary.ts';
import type { EgressAttack, Words } from './attack.ts';
import { scriptedResolver } from './scripted-resolver.ts';
import { withPort } from './with-port.ts';

/** What came of it, as far as who tried can see. */
export interface Tried {
  /** All that came back. */
  readonly received: string;
  /** The app's log. */
  readonly said: readonly string[];
  /** Entries that would have been needed. */
  readonly denied: readonly string[];
}

/** Bounds that are reached soon. */
const SOON = { headMs: 150, connectMs: 5_000 };

/**
 * Tries one against a channel of its own, at its socket; comes back when the connection has ended.
 *
 * @param port of the canary
 * @throws when the connection does not end
 */
export async function tryAttack({ granted, addresses, attempt }: EgressAttack, port: number): Promise<Tried> {
  const folder = await mkdtemp(join(tmpdir(), 'attack-'));
  const said: string[] = [];
  const denied: string[] = [];
  const channel = openChannel({
    policy: grantedHosts(granted.map((entry) => withPort(entry, port))),
    platform: noAppApi(),
    say: (line) => said.push(line),
    onDenied: (entry) => denied.push(entry),
    clock: { now: () => 0 },
    limits: SOON,
    resolve: scriptedResolver(addresses),
  });
  const server = await serveChannel(channel, join(folder, 's'), { limits: { headMs: SOON.headMs } });
  const socket = connect({ path: server.path, allowHalfOpen: true });
  let received = '';
  socket
    .on('error', () => {})
    .on('data', (bytes) => {
      received += bytes.toString('latin1');
    });
  try {
    if (attempt.kind === 'proxy') await say(socket, attempt.words, port);
    else {
      const to = 'port' in attempt ? attempt.port : port;
      await say(socket, [tunnelTo(attempt.host, to ?? port)], port);
      await until('the tunnel stands or does not', () => received.includes('\r\n\r\n') || isOver(socket));
      if (attempt.kind === 'speak') await say(socket, attempt.words, port);
    }
    await until(`the connection has ended: ${received}`, () => isOver(socket));
    return { received, said, denied };
  } finally {
    socket.destroy();
    await server.close();
    await rm(folder, { recursive: true });
  }
}

function tunnelTo(host: string, port: number): string {
  const authority = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return Buffer.from(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`).toString('latin1');
}

async function say(socket: Socket, words: Words, port: number): Promise<void> {
  for (const word of words) {
    const bytes = typeof word === 'string' ? Buffer.from(withPort(word, port), 'latin1') : word;
    if (Buffer.isBuffer(bytes)) await written(socket, bytes);
    else for (const byte of bytes.each) await written(socket, Buffer.from([byte]));
  }
}

/** Waits until the kernel has it, so that the next is a packet of its own. */
async function written(socket: Socket, bytes: Buffer): Promise<void> {
  if (!socket.destroyed) await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
}

function isOver(socket: Socket): boolean {
  return socket.readableEnded || socket.destroyed;
}
