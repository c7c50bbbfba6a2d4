import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Ending, LiveRunner } from './live-runner.ts';
import { passedAway } from './passing-away.ts';

let directory: string;
const closers: (() => void)[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'passing-away-'));
});
afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await rm(directory, { recursive: true, force: true });
});

/** A runner that is listed as a process until `end` is called. @param onCommand what its control socket does; null: nobody listens */
async function runnerWith(onCommand: ((socket: Socket) => void) | null) {
  const socket = join(directory, 's');
  if (onCommand !== null) {
    const server = createServer((connection) => {
      connection.on('error', () => {});
      connection.once('data', () => onCommand(connection));
    });
    server.listen(socket);
    await once(server, 'listening');
    closers.push(() => server.close());
  }
  const { promise: ended, resolve: end } = Promise.withResolvers<Ending>();
  const runner = { record: { socket, nonce: 'n' }, ended, isAlive: () => true } as unknown as LiveRunner;
  return { over: passedAway(runner), end: () => end({ code: null, signal: 'SIGKILL' }) };
}

it('does not hold up who asks for a runner that answers', async () => {
  const { over } = await runnerWith((socket) => socket.end('{"reply":"pong"}\n'));
  await over;
});

it('takes one that is busy for one that lives', async () => {
  const { over } = await runnerWith(() => {});
  await over;
});

it('waits for the end of one that breaks its connections off, although the system lists it still', async () => {
  const { over, end } = await runnerWith((socket) => socket.destroy());
  expect(await Promise.race([over.then(() => 'gave up'), wait(200, 'waits')])).toBe('waits');
  end();
  await over;
});

it('does not wait for one whose socket was removed from the disk while it serves on', async () => {
  const { over } = await runnerWith(null);
  await over;
});
