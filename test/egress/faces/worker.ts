import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runtimeOf } from '../../../src/runtimes/index.ts';
import { serveApp, workerPlace } from '../../../src/runtimes/testing/index.ts';
import type { Attempt, Order, Seen } from '../attempt.ts';
import { CHANNEL_PATH, type EgressCase } from '../case.ts';
import type { World } from '../world.ts';
import { type Face, type Outcome, PATIENCE_MS } from './face.ts';

/** An app of Node in its box, which tries what it is told. */
export interface WorkerFace extends Face {
  /** Has it try these, whatever the case. */
  tell(...attempts: readonly Attempt[]): Promise<readonly Seen[]>;
}

export async function openWorkerFace(world: World, patienceMs = PATIENCE_MS): Promise<WorkerFace> {
  const home = await workerPlace();
  const source = await readFile(join(import.meta.dirname, '../fixtures/app.ts'), 'utf8');
  const served = await serveApp(await runtimeOf('worker'), {
    artifactDir: await home.artifactOf(source),
    place: home.place,
    memoryMb: 128,
    channel: world.channel,
  });
  const tell = async (...attempts: readonly Attempt[]): Promise<readonly Seen[]> => {
    const order: Order = { attempts, patienceMs };
    const answer = await fetch(served.url, { method: 'POST', body: JSON.stringify(order) });
    if (!answer.ok) throw new Error(`the app says ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Seen[];
  };
  return {
    name: 'worker',
    tell,
    attempt({ worker, isSaid }: EgressCase) {
      if ('why' in worker) return null;
      const abstract = (text: string) => text.replaceAll('{abstract}', world.canaries.abstractSocket);
      const attempts = worker((text) => world.fill(abstract(text)));
      return tell(...attempts).then((seen) =>
        seen.map((each, index) => outcomeOf(each, isSaid ?? isOfChannel(attempts[index]))),
      );
    },
    async [Symbol.asyncDispose]() {
      served.closeServer();
      await served.app.purge();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** An app may connect to the socket of its channel: whether that leads anywhere is known by the answer. */
const isOfChannel = (attempt: Attempt | undefined): boolean =>
  attempt?.by === 'raw' && attempt.path === CHANNEL_PATH;

/** @param isSaid a connection by itself is no success */
function outcomeOf(seen: Seen, isSaid: boolean): Outcome {
  const { by, error, hasEnded, isConnected, received } = seen;
  const isTunnel = received.startsWith('HTTP/1.1 200 Connection');
  const isRefused = error !== null || /^HTTP\/1\.1 (4|5)\d\d /.test(received);
  return {
    by,
    isReached:
      !isSaid && (isTunnel || (isConnected && !isRefused) || (error === null && hasEnded && !isRefused)),
    isClean: hasEnded && (error === null || error.text !== ''),
    shown: JSON.stringify(seen),
  };
}
