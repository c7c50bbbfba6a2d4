import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { runtimeOf } from '../../../src/runtimes/index.ts';
import { buildComponentArtifact, PROBE, serveApp, workerPlace } from '../../../src/runtimes/testing/index.ts';
import type { EgressCase, Fill } from '../case.ts';
import type { ComponentRequest } from '../component-request.ts';
import type { World } from '../world.ts';
import type { Face, Outcome } from './face.ts';

/** What the component answers: what it was answered itself, or 502 with `error N`, or `refused N` for a part that the host does not take. */
interface Answer {
  readonly status: number;
  readonly body: string;
}

/** The probe of `test/fixtures/components`, which asks for what it is told. */
export interface ComponentFace extends Face {
  /** @returns status and body of what it was answered, or 502 and `error N` */
  ask(url: string): Promise<Answer>;
}

/** @param wall `wasm`: in its box */
export async function openComponentFace(
  world: World,
  wall: 'wasm' | 'wasm-bare' = 'wasm',
): Promise<ComponentFace> {
  const [home, artifact] = await Promise.all([workerPlace(), buildComponentArtifact(PROBE)]);
  const served = await serveApp(await runtimeOf('wasm-http'), {
    artifactDir: artifact.dir,
    place: home.place,
    wall,
    channel: world.channel,
  });
  const tell = (request: ComponentRequest): Promise<Answer> =>
    answered(served.port, { method: 'POST', path: '/told' }, inParts(request, world.fill));
  return {
    name: 'component',
    ask: (url) => answered(served.port, { path: `/out?to=${url}` }),
    attempt({ component }: EgressCase) {
      if ('why' in component) return null;
      return Promise.all(component.map(async (each) => outcomeOf(each, await tell(each))));
    },
    async [Symbol.asyncDispose]() {
      served.closeServer();
      await served.app.purge();
      await artifact[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

function outcomeOf(
  { method = 'GET', scheme = 'http', authority }: ComponentRequest,
  answer: Answer,
): Outcome {
  const { status, body } = answer;
  const isTold = status === 403 && body.includes('"code":"egress_denied"'); // the channel's answer, in the place's stead
  const isRefused = isTold || (status === 502 && /^(error|refused) \d+\n$/.test(body));
  const by = `${method} ${scheme}://${authority.slice(0, 80)}`;
  return { by, isReached: !isRefused, isClean: isRefused, shown: `${status} ${body.slice(0, 300)}` };
}

/** As `told.h` reads it. */
function inParts(request: ComponentRequest, fill: Fill): Buffer {
  const { method = 'GET', scheme = 'http', authority, path = '/', headers = [], body = '' } = request;
  const fields = headers.flatMap(([name, value]) => [Buffer.from(name), Buffer.from(fill(value), 'latin1')]);
  const parts = [
    ...[method, scheme, fill(authority), fill(path), body].map((text) => Buffer.from(text)),
    ...fields,
  ];
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(part.length);
      return [length, part];
    }),
  );
}

function answered(
  port: number,
  asked: { method?: string; path: string },
  body: Buffer = Buffer.alloc(0),
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, agent: false, ...asked }, async (response) => {
      resolve({ status: response.statusCode ?? 0, body: await text(response) });
    })
      .on('error', reject)
      .end(body);
  });
}
