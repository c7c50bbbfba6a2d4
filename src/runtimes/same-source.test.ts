import { cp, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { skipWithout } from '../../test/requirements.ts';
import { MANIFEST_FILE, type Manifest, parseManifest } from '../app/index.ts';
import { artifactKindOf, buildArtifact } from '../builder/index.ts';
import { preparedBuilds } from '../builder/testing/index.ts';
import { probeBoxes } from '../sandbox/index.ts';
import { runtimeOf } from './runtime-of.ts';
import { type ServedApp, serveApp, until } from './testing/served-app.ts';
import { WASM_BARE } from './wasm-http/description.ts';
import { startPlain } from './wasm-http/start-plain.ts';
import { type WorkerPlace, workerPlace } from './worker/testing/worker-place.ts';
import { withoutBoxes } from './worker/testing/worker-suite.ts';

const APP = join(import.meta.dirname, '../../test/fixtures/apps/node-modules');
const HELLO = join(import.meta.dirname, '../../examples/hello');
const WASM = 'type = "wasm-http"';

/** Milliseconds; the first component on a machine takes half a minute, more when it is busy. */
const BOTH_BUILDS_MS = 300_000;

function manifestOf(text: string): Manifest {
  const { manifest, diagnostics } = parseManifest(text, { file: MANIFEST_FILE });
  if (manifest === null || diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics));
  return manifest;
}

/** Status, type and body of every route, in words that do not change with the time. */
async function answersOf(url: string): Promise<readonly string[]> {
  const asked: readonly [string, RequestInit?][] = [
    ['/'],
    ['/', { headers: { 'x-forwarded-host': 'hello.example', 'x-forwarded-prefix': '/app/1' } }],
    ['/api/hello?name=Ada'],
    ['/api/hello'],
    ['/echo'],
    ['/echo', { method: 'POST', body: 'whatever comes' }],
    [
      '/echo',
      { method: 'POST', body: new Uint8Array(200_000).fill(7), headers: { 'content-type': 'image/x' } },
    ],
    ['/nothing'],
  ];
  return Promise.all(
    asked.map(async ([path, init]) => {
      const answer = await fetch(url + path, init);
      const body = (await answer.text()).replace(/"at":"[^"]+"/, '"at":""').replaceAll(url, 'http://here');
      return `${answer.status} ${answer.headers.get('content-type')} ${answer.headers.get('allow')} ${body}`;
    }),
  );
}

let home: WorkerPlace;
/** Where they are built: the engine of components is there already. */
let builds: string;
beforeAll(async () => {
  home = await workerPlace();
  builds = await preparedBuilds(home.folder);
}, BOTH_BUILDS_MS);
afterAll(() => home?.[Symbol.asyncDispose]());

test(
  'hello runs as worker and, by one line of its manifest, as wasm-http, and answers the same',
  async (context) => {
    context.skip(skipWithout('bubblewrap', (await probeBoxes(home.place)).possible));
    const text = await readFile(join(HELLO, MANIFEST_FILE), 'utf8');
    const line = text.split('\n').find((each) => each.includes(WASM)) ?? '';
    expect(line).toMatch(/^# /);
    const answers = new Map<string, readonly string[]>();
    for (const source of [text, text.replace(`# ${WASM}`, WASM)]) {
      const manifest = manifestOf(source);
      const { type, memoryMb } = manifest.runtime;
      const built = await buildArtifact({
        sourceDir: HELLO,
        outDir: join(home.folder, `hello-${type}`),
        manifest,
        kind: artifactKindOf(type)!,
        home: builds,
        timeoutMs: BOTH_BUILDS_MS,
      });
      const spec = {
        artifactDir: built.dir,
        memoryMb,
        env: { ...manifest.env, TABBIFY_VERSION: '7' },
        place: home.place,
      };
      await using served = await serveApp(await runtimeOf(type), spec);
      answers.set(type, await answersOf(served.url));
    }
    expect([...answers.keys()]).toEqual(['worker', 'wasm-http']);
    expect(answers.get('worker')).toEqual(answers.get('wasm-http'));
    expect(answers.get('worker')?.[0]).toMatch(/^200 text\/html.*<span>version 7<\/span>/s);
    expect(answers.get('worker')?.[2]).toContain('Hello, Ada!');
  },
  BOTH_BUILDS_MS,
);

describe.skipIf(withoutBoxes)('an app that uses modules of Node', () => {
  let worker: ServedApp;
  let component: ServedApp;
  let componentDir: string;

  beforeAll(async () => {
    const [worker_, component_] = await Promise.all([built('worker'), built('wasm-http')]);
    componentDir = component_;
    worker = await serve('worker', worker_);
    component = await serve('wasm-http', component_);
  }, BOTH_BUILDS_MS);
  afterAll(async () => {
    await worker?.[Symbol.asyncDispose]();
    await component?.[Symbol.asyncDispose]();
  });

  async function built(type: 'worker' | 'wasm-http'): Promise<string> {
    const text = await readFile(join(APP, MANIFEST_FILE), 'utf8');
    const { manifest } = parseManifest(`${text}\n[runtime]\ntype = "${type}"\n`, { file: MANIFEST_FILE });
    const { dir } = await buildArtifact({
      sourceDir: APP,
      outDir: join(home.folder, type),
      manifest: manifest!,
      kind: type === 'worker' ? 'module' : type,
      home: builds,
      timeoutMs: BOTH_BUILDS_MS,
    });
    return dir;
  }

  async function serve(type: 'worker' | 'wasm-http', artifactDir: string): Promise<ServedApp> {
    const { place } = home;
    expect((await probeBoxes(place)).possible).toBe(true);
    const wall = type === 'worker' ? 'process' : 'wasm';
    const bounds = { memoryMb: 256, fuelPerRequest: 1_000_000_000 };
    return serveApp(await runtimeOf(type), { artifactDir, env: { GREETING: 'hi' }, place, wall, ...bounds });
  }

  test('answers as a component what it answers in Node', async () => {
    const names = (await (await fetch(`${component.url}/names`)).json()) as string[];
    expect(names.length).toBeGreaterThan(15);
    for (const name of names) {
      const [inNode, here] = await Promise.all(
        [worker, component].map(async ({ url }) => (await fetch(`${url}/${name}`)).json()),
      );
      expect([name, here]).toEqual([name, inNode]);
    }
  });

  test.each(['fails', 'fails-later'])(
    '%s: tells in either log where the error stands in its source, and its visitor nothing',
    async (path) => {
      for (const app of [worker, component]) {
        const from = app.logged.length;
        const answer = await fetch(`${app.url}/${path}`);
        expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining('fails')]);
        const has = (part: string) => () => app.logged.slice(from).some((line) => line.includes(part));
        await until('the error', has('TypeError: on purpose'));
        await until('its place', has('at fails (src/lib/fails.ts:8:9)'));
        await until(
          'the way there',
          has(path === 'fails' ? 'fetch (src/index.ts:' : 'failsLater (src/lib/fails.ts:13:'),
        );
        expect(app.logged.slice(from).join('\n')).not.toMatch(/app\.m?js:|initializer|tabbify:/);
      }
    },
  );

  test('maps what is written of an error by the app itself: beside other words, in JSON, with its cause', async () => {
    expect(await (await fetch(`${component.url}/logs`)).text()).toBe('logged');
    const all = () => component.logged.join('\n');
    await until('all of it', () => /Error: outer[\s\S]*\[cause\]: TypeError: on purpose/.test(all()));
    expect(all()).toMatch(
      /caught TypeError: on purpose\n.*: {5}at fails \(src\/lib\/fails\.ts:8:9\)\n.*at fetch \(src\/index\.ts/,
    );
    expect(all()).toMatch(/\{"stack":"fails@src\/lib\/fails\.ts:8:9\\n/);
  });

  test('is what it was without its source map, which is no part of what it loads', async () => {
    const map = await stat(join(componentDir, 'app.js.map'));
    expect(map.size).toBeGreaterThan(1000);
    const bare = join(home.folder, 'bare');
    await cp(componentDir, bare, { recursive: true, filter: (path) => !path.endsWith('.map') });
    const spec = { artifactDir: bare, memoryMb: 256, fuelPerRequest: 1_000_000_000 };
    await using app = await serveApp({ ...WASM_BARE, start: startPlain }, spec);
    expect((await fetch(`${app.url}/fails`)).status).toBe(500);
    await until('the error', () => app.logged.some((line) => line.includes('fails@app.js:')));
  });

  test('gives each request an instance as it was before its first one, put back or, where that cannot be, a new one', async () => {
    const spec = { artifactDir: componentDir, memoryMb: 256, fuelPerRequest: 1_000_000_000 };
    const runtime = { ...WASM_BARE, start: startPlain };
    await using app = await serveApp(runtime, { ...spec, isolation: 'request' });
    const ask = async (path: string, name = 'somebody'): Promise<unknown> =>
      (await fetch(`${app.url}/${path}`, { headers: { 'x-name': name } })).json();
    const created = (): number => app.app.stats().instances_created ?? 0;
    const names = ['Ada', 'Bob', 'Cyd', 'Dan', 'Eve', 'Fay', 'Gus'];
    for (const name of names) expect(await ask('visits', name)).toEqual([1, 0, name]);
    expect(created()).toBeLessThan(names.length); // an answer may be there before its instance is put back
    const [one, two] = (await Promise.all([ask('draws'), ask('draws')])) as [string[], string[]];
    expect([one[0] === two[0], one[1] === two[1]]).toEqual([false, false]);
    for (const path of ['grows', 'leaves-a-timer', 'grows']) {
      await ask(path);
      expect(await ask('visits', path)).toEqual([1, 0, path]);
    }
    const all = await Promise.all(Array.from({ length: 20 }, (_, at) => ask('visits', `${at}`)));
    expect(all).toEqual(all.map((_, at) => [1, 0, `${at}`]));
    expect((await fetch(`${app.url}/fails`)).status).toBe(500);
    expect(await ask('visits', 'last')).toEqual([1, 0, 'last']);
  });
});
