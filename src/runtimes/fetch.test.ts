import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { skipWithout } from '../../test/requirements.ts';
import { parseManifest } from '../app/index.ts';
import { artifactKindOf, buildArtifact } from '../builder/index.ts';
import { preparedBuilds } from '../builder/testing/index.ts';
import { allowedHosts, noAppApi, openChannel } from '../egress/index.ts';
import { systemClock } from '../kit/index.ts';
import { probeBoxes } from '../sandbox/index.ts';
import type { Runtime } from './runtime.ts';
import { runtimeOf } from './runtime-of.ts';
import { type ServedApp, serveApp, until } from './testing/served-app.ts';
import { type WorkerPlace, workerPlace } from './worker/testing/worker-place.ts';

const REACH = join(import.meta.dirname, '../../test/fixtures/apps/reach');
/** Milliseconds; the first component on a machine takes half a minute, more when it is busy. */
const BUILD_MS = 300_000;

/** What the far end was asked, and those it has not answered. */
const asked: string[] = [];
const open = new Set<ServerResponse>();
const farEnd = createServer((request, response) => void answer(request, response));
let far: string;
let home: WorkerPlace;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url, headers } = request;
  asked.push(`${method} ${url}`);
  open.add(response);
  response.on('close', () => open.delete(response));
  if (url === '/silence') return;
  const body = await text(request);
  const isJson = headers['content-type'] === 'application/json';
  response.writeHead(url === '/pot' ? 418 : 200, { 'x-told': 'yes' });
  response.write(isJson ? '{"got":' : `${method} `); // the head leaves before the rest is there
  setTimeout(() => response.end(isJson ? `${body}}` : `${url} ${body.length}`), 20);
}

beforeAll(async () => {
  home = await workerPlace();
  await new Promise<void>((resolve) => farEnd.listen(0, '127.0.0.1', resolve));
  far = `http://127.0.0.1:${(farEnd.address() as AddressInfo).port}`;
});
afterAll(async () => {
  farEnd.closeAllConnections();
  farEnd.close();
  await home?.[Symbol.asyncDispose]();
});

/** The same source for either runtime, with a channel to the far end and nowhere else. */
async function startReach(type: Runtime['kind'], said: string[]): Promise<ServedApp> {
  const source = `[app]\nname = "reach"\n[build]\nmain = "index.ts"\n[runtime]\ntype = "${type}"\n`;
  const { manifest } = parseManifest(source, { file: 'tabbify.toml' });
  if (manifest === null) throw new Error('the manifest of the test is wrong');
  const built = await buildArtifact({
    sourceDir: REACH,
    outDir: join(home.folder, type),
    manifest,
    kind: artifactKindOf(type)!,
    home: await preparedBuilds(home.folder),
    timeoutMs: BUILD_MS,
  });
  const { hostname, port } = new URL(far);
  return serveApp(await runtimeOf(type), {
    artifactDir: built.dir,
    memoryMb: manifest.runtime.memoryMb,
    fuelPerRequest: 1_000_000_000,
    place: home.place,
    channel: openChannel({
      policy: allowedHosts([{ host: hostname, port: Number(port) }]),
      platform: noAppApi(),
      say: (line) => said.push(line),
      clock: systemClock,
    }),
  });
}

for (const type of ['worker', 'wasm-http'] as const) {
  test(
    `fetch of a TypeScript app that runs as ${type} reaches what its channel allows, and nothing else`,
    async (context) => {
      if (type === 'worker') context.skip(skipWithout('bubblewrap', (await probeBoxes(home.place)).possible));
      const said: string[] = [];
      await using served = await startReach(type, said);
      const tell = async (path: string, init?: RequestInit) => {
        const response = await fetch(served.url + path, init);
        return [response.status, await response.text()];
      };
      const pot = await fetch(`${served.url}/out?to=${far}/pot`);
      expect([pot.status, pot.headers.get('x-told'), await pot.text()]).toEqual([418, 'yes', 'GET /pot 0']);
      expect(await tell(`/json?to=${far}/json`)).toEqual([200, '{"got":{"from":"the app"}}']);
      const body = 'x'.repeat(300_000);
      expect(await tell(`/relay?to=${far}/relay`, { method: 'POST', body })).toEqual([
        200,
        'POST /relay 300000',
      ]);
      const many = Array.from({ length: 10 }, (_, n) => `GET /many?n=${n} 0`).join();
      expect(await tell(`/many?to=${far}/many`)).toEqual([200, many]);
      expect(await tell('/out?to=http://tabbify.internal/v1/events')).toEqual([
        404,
        expect.stringContaining('app_api_missing'),
      ]);

      expect(await tell(`/impatient?to=${far}/silence`)).toEqual([502, 'TimeoutError']);
      await until('what was given up is gone', () => open.size === 0, 20_000);

      asked.length = 0;
      const { port } = new URL(far);
      expect(await tell(`/out?to=http://localhost:${port}/`)).toEqual([502, 'TypeError']);
      expect(await tell('/out?to=https://api.example.com/')).toEqual([502, 'TypeError']);
      expect(asked).toEqual([]);
      expect(said).toEqual([
        expect.stringContaining(`http_allow_list = ["localhost:${port}"]`),
        expect.stringContaining('http_allow_list = ["api.example.com"]'),
      ]);
      expect(await tell('/')).toEqual([200, 'here']);
    },
    BUILD_MS,
  );
}
