import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRebuilder, prepareEngine } from '../../builder/index.ts';
import { preparedBuilds } from '../../builder/testing/index.ts';
import { grantedHosts, noAppApi, openChannel } from '../../egress/index.ts';
import { openCanary } from '../../egress/testing/index.ts';
import { systemClock } from '../../kit/index.ts';
import { runtimeOf } from '../../runtimes/index.ts';

let home: string;
/** Where the engine is made. */
let builds: string;
let engine: string;
let count = 0;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'loaded-app-'));
  builds = await preparedBuilds(home);
  engine = await engineOf();
}, 320_000);
afterAll(() => rm(home, { recursive: true, force: true }));

function engineOf(onMaking: () => void = () => {}): Promise<string> {
  return prepareEngine({ home: builds, memoryMb: 64, onMaking, signal: new AbortController().signal });
}

interface Loaded extends AsyncDisposable {
  readonly logged: string[];
  ask(path?: string): Promise<Response>;
}

/** Bundles an app and has the engine load it, as `tcli dev` does where there are no boxes. */
async function load(
  files: Readonly<Record<string, string>>,
  isolation: 'pool' | 'request' = 'pool',
): Promise<Loaded> {
  const folder = join(home, `app-${++count}`);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const rebuilder = await openRebuilder({
    ...{ root: folder, packages: null, main: 'index.ts' },
    engine: async () => engine,
  });
  const rebuilt = await rebuilder.rebuild();
  await rebuilder.close();
  if (rebuilt.kind === 'failed') throw rebuilt.error;
  const artifactDir = join(home, `artifact-${count}`);
  await rebuilt.write(artifactDir);
  const logged: string[] = [];
  const say = (line: string) => logged.push(`platform: ${line}`);
  const runtime = await runtimeOf('wasm-http');
  const app = await runtime
    .start({
      ...{ artifactDir, isolation, memoryMb: 64, fuelPerRequest: 500_000_000, prepared: null },
      env: { GREETING: 'hello' },
      channel: openChannel({ policy: grantedHosts(), platform: noAppApi(), say, clock: systemClock }),
      place: { home, sockets: home, programs: home },
      wall: 'wasm-bare',
      log: (origin, line) => logged.push(`${origin}: ${line}`),
    })
    .catch((error: unknown) => {
      throw rebuilt.explain?.(error) ?? error;
    });
  const server = createServer((request, response) => app.serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    logged,
    ask: (path = '') => fetch(`http://127.0.0.1:${port}/${path}`),
    async [Symbol.asyncDispose]() {
      await app.stop(0);
      server.closeAllConnections();
      server.close();
    },
  };
}

const APP = 'export default { fetch: () => new Response("ok") };';

describe('an app that a prebuilt engine loads', () => {
  it('answers with what it imports, its environment and the modules of Node that components have', async () => {
    await using app = await load({
      'index.ts': `import { createHash } from 'node:crypto';
import { word } from './lib/word.ts';
const later = await Promise.resolve(word);
const atLoad = process.env.GREETING ?? 'nothing';
export default { async fetch(request: Request, env: Record<string, string>) {
  const digest = createHash('sha256').update(Buffer.from('x')).digest('hex').slice(0, 4);
  await new Promise((done) => setTimeout(done, 1));
  return new Response([later, atLoad, env.GREETING, process.env.GREETING, digest, typeof crypto.randomUUID()].join(' '));
} };`,
      'lib/word.ts': 'export const word: string = "word";',
    });
    expect(await (await app.ask()).text()).toBe('word nothing hello hello 2d71 string');
  });

  it('keeps a variable between requests, or not, as its isolation says', async () => {
    const files = { 'index.ts': 'let n = 0; export default { fetch: () => new Response(String(++n)) };' };
    await using pool = await load(files);
    await using each = await load(files, 'request');
    const asked = async ({ ask }: Loaded) => [await (await ask()).text(), await (await ask()).text()];
    expect(await asked(pool)).toEqual(['1', '2']);
    expect(await asked(each)).toEqual(['1', '1']);
  });

  it('is ended by its fuel, and reaches nothing that it was not granted', async () => {
    await using canary = await openCanary();
    await using app = await load({
      'index.ts': `const go = fetch; // may be held on to
export default { async fetch(request: Request) {
  if (request.url.endsWith('/loop')) for (;;);
  return go('http://127.0.0.1:${canary.port}/').then(() => new Response('reached'), () => new Response('denied'));
} };`,
    });
    expect(await (await app.ask('out')).text()).toBe('denied');
    expect(canary.connections).toBe(0);
    expect(await (await app.ask('loop')).json()).toMatchObject({ code: 'fuel_exhausted' });
    expect(await (await app.ask('out')).text()).toBe('denied');
  });

  it('has the places of its source in stacks, and none of the engine', async () => {
    await using app = await load({
      'index.ts': `import { boom } from './lib/boom.ts';
export default { async fetch(request: Request) {
  try { boom(); } catch (error) { console.error('caught', error); }
  return boom();
} };`,
      'lib/boom.ts': `interface Any { readonly x: number }

export function boom(): never {
  throw new TypeError('deep', { cause: new Error('inner') });
}`,
    });
    expect((await app.ask()).status).toBe(500);
    const text = app.logged.join('\n');
    expect(text.match(/at boom \(lib\/boom\.ts:4:9\)/g)).toHaveLength(2);
    expect(text).toContain('at fetch (index.ts:3:13)');
    expect(text).toContain('[cause]: Error: inner');
    expect(text).not.toMatch(/app\.js|engine\.js|initializer\.js|handler\.ts/);
  });
});

/** Each as a build says it: they were read off `buildArtifact`. */
describe('an app that cannot be loaded is told of in the words of a build', () => {
  const initially = (name: string) =>
    `TypeError: ${name} can only be used during request handling, not during initialization`;
  const failed = 'The app failed while it was loaded';
  it.each([
    [
      'throws',
      `const a: string = '';\nfunction g(): never { throw new RangeError('no') }\ng();\n${APP}`,
      'index.ts:2:29: the app failed while it was loaded',
      'RangeError: no',
    ],
    [
      'names what is not there',
      `export const f = new Intl.NumberFormat();\n${APP}`,
      'index.ts:1:18: the app failed while it was loaded',
      'ReferenceError: Intl is not defined',
    ],
    [
      'writes what the engine does not read',
      `export const f = new RegExp('\\\\p{L}', 'u');\n${APP}`,
      'index.ts:1:18: the app failed while it was loaded',
      expect.stringMatching(/^SyntaxError: invalid property name in regular expression/),
    ],
    ['throws no error', `throw 'text';\n${APP}`, failed, 'text'],
    [
      'calls others',
      `await fetch('http://x/');\n${APP}`,
      'index.ts:1:7: the app failed while it was loaded',
      initially('fetch'),
    ],
    [
      'waits for a time',
      `setTimeout(() => {}, 1);\n${APP}`,
      'index.ts:1:11: the app failed while it was loaded',
      initially('setTimeout'),
    ],
    [
      'draws lots',
      `export const n = Math.random();\n${APP}`,
      failed,
      'it called wasi:random/random, which is not there at build time',
    ],
    [
      'waits for ever',
      `await new Promise(() => {});\n${APP}`,
      failed,
      'it was never done: a top-level `await` waits for what does not come',
    ],
    [
      'has another shape',
      'export default { fetch: 5 };',
      'The default export has no `fetch`',
      'it is object without `fetch`',
    ],
    [
      'exports nothing',
      'export const a = 1;',
      'index.ts has no default export',
      'the default export answers requests',
    ],
    [
      'is no TypeScript',
      'const 1 = 2;',
      'index.ts:1:7: Expected identifier but found "1"',
      '1 | const 1 = 2;\n          ^',
    ],
    [
      'computes for ever',
      `for (;;);\n${APP}`,
      failed,
      'it used up the fuel for loading: look for a loop that never ends',
    ],
    [
      'takes all memory',
      `const all: unknown[] = []; for (let i = 0; ; i++) all.push({ i, text: 'x' + i });\n${APP}`,
      failed,
      'out of memory',
    ],
  ])(
    '%s',
    async (_name, source, what, why) => {
      const refused = await load({ 'index.ts': source }).then(
        () => null,
        (error: unknown) => error,
      );
      expect(refused).toMatchObject({ code: 'build_failed', what, why });
    },
    120_000,
  );
});

it('an engine that is there is taken', async () => {
  let made = 0;
  const again = await engineOf(() => {
    made += 1;
  });
  expect([again, made]).toEqual([engine, 0]);
});
