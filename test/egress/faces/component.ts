import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { runtimeOf } from '../../../src/runtimes/index.ts';
import { buildComponentArtifact, PROBE, serveApp, workerPlace } from '../../../src/runtimes/testing/index.ts';
import type { EgressCase } from '../case.ts';
import type { World } from '../world.ts';
import type { Face, Outcome } from './face.ts';

/** The probe of `test/fixtures/components` in its box, which asks for the URL that it is told. */
export interface ComponentFace extends Face {
  /** @returns status and body of what it was answered, or 502 and `error N` */
  ask(url: string): Promise<{ readonly status: number; readonly body: string }>;
}

export async function openComponentFace(world: World): Promise<ComponentFace> {
  const [home, artifact] = await Promise.all([workerPlace(), buildComponentArtifact(PROBE)]);
  const served = await serveApp(await runtimeOf('wasm-http'), {
    artifactDir: artifact.dir,
    place: home.place,
    wall: 'wasm',
    channel: world.channel,
  });
  const ask: ComponentFace['ask'] = (url) =>
    get(served.port, `/out?to=${Buffer.from(url).toString('latin1')}`);
  return {
    name: 'component',
    ask,
    attempt({ component }: EgressCase) {
      if ('why' in component) return null;
      return Promise.all(component.map(async (url) => outcomeOf(url, await ask(world.fill(url)))));
    },
    async [Symbol.asyncDispose]() {
      served.closeServer();
      await served.app.purge();
      await artifact[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

function outcomeOf(url: string, { status, body }: { status: number; body: string }): Outcome {
  const isRefused = status === 502 && /^error \d+\n$/.test(body);
  return { by: url, isReached: !isRefused, isClean: isRefused, shown: `${status} ${body}` };
}

function get(port: number, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, agent: false }, async (response) => {
      resolve({ status: response.statusCode ?? 0, body: await text(response) });
    })
      .on('error', reject)
      .end();
  });
}
