import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { newId, startChild } from '../src/kit/index.ts';
import { freePort } from './nginx.ts';

/** A nats-server with JetStream on a file store, that this process started. */
export interface JetStream {
  readonly version: string;
  /** It flushes before it acknowledges; a version that cannot be told so flushes every two minutes. */
  readonly syncsAlways: boolean;
  /** So many callers publish, each again as soon as it is acknowledged, for so long (ms). @returns publishes a second */
  publish(callers: number, ms: number): Promise<number>;
  close(): Promise<void>;
}

export async function startJetStream(): Promise<JetStream> {
  const directory = await mkdtemp(join(tmpdir(), 'tabbify-bench-nats-'));
  const strict = await serve(directory, ', sync_interval: always');
  const server = strict ?? (await serve(directory, ''));
  if (server === null) throw new Error('nats-server did not start');
  const { connection } = server;
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 'bench', subjects: ['bench.>'], storage: StorageType.File });
  const client = jetstream(connection);
  const payload = new TextEncoder().encode(JSON.stringify({ text: 'x'.repeat(500) })); // an envelope's size
  return {
    version: connection.info?.version ?? 'unknown',
    syncsAlways: strict !== null,
    async publish(callers, ms) {
      const until = performance.now() + ms;
      let published = 0;
      const caller = async (n: number) => {
        while (performance.now() < until) {
          await client.publish(`bench.app.${n % 200}`, payload, { msgID: newId() });
          published++;
        }
      };
      await Promise.all(Array.from({ length: callers }, (_, n) => caller(n)));
      return (published * 1000) / ms;
    },
    async close() {
      await connection.close();
      await server.end();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Null when the server does not take this setting. */
async function serve(
  directory: string,
  setting: string,
): Promise<{ connection: NatsConnection; end(): Promise<void> } | null> {
  const port = await freePort();
  const config = join(directory, 'nats.conf');
  await writeFile(
    config,
    `listen: "127.0.0.1:${port}"\njetstream { store_dir: "${directory}/store"${setting} }\n`,
  );
  const child = startChild('nats-server', ['-c', config], {
    env: { PATH: `${process.env.PATH ?? ''}:/usr/sbin` },
  });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const end = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  const deadline = Date.now() + 10_000;
  while (child.exitCode === null) {
    try {
      return { connection: await connect({ servers: `127.0.0.1:${port}`, reconnect: false }), end };
    } catch (error) {
      if (Date.now() > deadline) {
        await end();
        throw error;
      }
      await delay(50);
    }
  }
  return null;
}
