import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { skipWithout } from '../../test/requirements.ts';
import { type Manifest, parseManifest } from '../app/index.ts';
import { type BoxReport, probeBoxes } from '../sandbox/index.ts';
import { type TemporaryFolder, temporaryFolder } from './app-folder.fixture.ts';
import { ARTIFACT_FILE, FUEL_EXPORT, type ModuleArtifact, type WasmHttpArtifact } from './artifact-format.ts';
import { type BuildRequest, buildArtifact } from './build.ts';
import type { BuildStep } from './build-step.ts';
import { builderDigest } from './builder-digest.ts';
import { buildCacheDirectory } from './cache-directory.ts';
import { componentOf, WAITING_HANDLER } from './component.fixture.ts';
import { keepBoxWaiting, waitingBoxesOf } from './keep-box-waiting.ts';
import { prepareBuilder } from './prepare-builder.ts';
import { leavePrepared } from './testing/lent-builds.ts';
import { exportsOf } from './wasm/webassembly.fixture.ts';

const CANARY = 'CANARY-71bd';
const FULL_BUILD_MS = 120_000;
/** It comes last where others want the processors. */
const PREPARE_MS = 300_000;

let home: TemporaryFolder;
let outs: TemporaryFolder;
beforeAll(async () => {
  home = await temporaryFolder();
  outs = await temporaryFolder();
  process.env.TABBIFY_TEST_SECRET = CANARY;
  await prepareBuilder(home.path);
  await leavePrepared(home.path);
}, PREPARE_MS);
afterAll(async () => {
  delete process.env.TABBIFY_TEST_SECRET;
  await home[Symbol.asyncDispose]();
  await outs[Symbol.asyncDispose]();
});

/** Of the builder, below the home. */
const cacheDir = (): string => buildCacheDirectory(home.path);

function manifestOf(lines: string): Manifest {
  const text = `[app]\nname = "test"\n${lines}`;
  const { manifest, diagnostics } = parseManifest(text, { file: 'tabbify.toml' });
  if (manifest === null) throw new Error(diagnostics.map(({ message }) => message).join());
  return manifest;
}

const JS = manifestOf('[build]\nmain = "index.ts"\n[runtime]\ntype = "wasm-http"\nmemory_mb = 64');
const COMPONENT = manifestOf('[runtime]\ntype = "wasm-http"\nmemory_mb = 2');

let outputs = 0;

async function build(
  app: TemporaryFolder,
  manifest: Manifest,
  more: Partial<BuildRequest> = {},
): Promise<{ readonly dir: string; readonly steps: readonly BuildStep[] }> {
  const steps: BuildStep[] = [];
  outputs += 1;
  const { dir } = await buildArtifact({
    sourceDir: app.path,
    outDir: join(outs.path, String(outputs)),
    manifest,
    kind: 'wasm-http',
    home: home.path,
    ...more,
    onProgress: (step, detail) => {
      steps.push(step);
      more.onProgress?.(step, detail);
    },
  });
  return { dir, steps };
}

async function recordOf(dir: string): Promise<WasmHttpArtifact> {
  return JSON.parse(await readFile(join(dir, ARTIFACT_FILE), 'utf8')) as WasmHttpArtifact;
}

/** Processes that this one has not started, directly or not: they are most, and are looked at once. */
const others = new Set<string>();

/** Processes of builds that this one has started, by what they were started with. */
function buildProcesses(): { readonly environment: string; readonly command: string }[] {
  const read = (pid: string, name: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, 'latin1').replaceAll('\0', '\n');
    } catch {
      return ''; // ended while we looked
    }
  };
  const isOurs = (pid: string): boolean => {
    const parent = /^PPid:\s*(\d+)/m.exec(read(pid, 'status'))?.[1] ?? '0';
    if (parent === String(process.pid)) return true;
    if (parent !== '0' && !others.has(pid) && isOurs(parent)) return true;
    others.add(pid);
    return false;
  };
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && !others.has(pid) && isOurs(pid))
    .map((pid) => ({ environment: read(pid, 'environ'), command: read(pid, 'cmdline') }))
    .filter(({ command }) => /^\S*node\n/.test(command) && command.includes('/child/main.'));
}

/** What the processes of builds have as their environment, seen all along. */
function watchEnvironments(): Disposable & { readonly seen: string[] } {
  const seen: string[] = [];
  const timer = setInterval(() => seen.push(...buildProcesses().map(({ environment }) => environment)), 5);
  return { seen, [Symbol.dispose]: () => clearInterval(timer) };
}

async function expectNothingLeft(): Promise<void> {
  await expect.poll(buildProcesses, { timeout: 5000 }).toEqual([]);
  expect(await readdir(join(cacheDir(), 'scratch'))).toEqual([]);
  const records = await readdir(join(home.path, 'boxes')).catch(() => []);
  expect(records.filter((name) => name.endsWith('.json'))).toEqual([]);
}

/** The two ways of a build, where this machine has both. */
const BOXED = await wallsHere();
/** What is said first on this machine. */
const HERE: readonly BuildStep[] = BOXED.possible ? [] : ['unboxed'];
const UNBOXED: BoxReport = { possible: false, why: 'of the test', hint: '' };
const WAYS: readonly (readonly [string, BoxReport, readonly BuildStep[]])[] = [
  ...(skipWithout('bubblewrap', BOXED.possible) ? [] : [['in a box', BOXED, []] as const]),
  ['as a confined process', UNBOXED, ['unboxed']],
];

async function wallsHere(): Promise<BoxReport> {
  await using folder = await temporaryFolder();
  return await probeBoxes({ home: folder.path });
}

describe('buildArtifact of a module for wasm-http', () => {
  it(
    'makes a bounded artifact in a process that knows nothing of the office, and the second time copies it',
    async () => {
      await using app = await temporaryFolder();
      await app.write({
        'index.ts': `export default { fetch: () => new Response('from the build test') };`,
        'tabbify.toml': '1',
      });
      using environments = watchEnvironments();
      const { dir, steps } = await build(app, JS);
      expect(steps).toEqual([...HERE, 'bundle', 'componentize', 'transpile', 'meter']);
      expect(environments.seen.length).toBeGreaterThan(0);
      expect(environments.seen.join()).not.toMatch(/CANARY|TABBIFY|PATH=/);

      const record = await recordOf(dir);
      expect(record).toMatchObject({
        format: 1,
        kind: 'wasm-http',
        handler: 'wasi:http/incoming-handler@0.2.10',
        glue: 'app.mjs',
      });
      expect((await readdir(dir)).sort()).toEqual(
        [...record.cores, record.glue, 'app.js.map', ARTIFACT_FILE].sort(),
      );
      for (const core of record.cores) {
        const bytes = await readFile(join(dir, core));
        const names = exportsOf(bytes);
        expect(names).toContain(FUEL_EXPORT);
        expect(names).toEqual(expect.arrayContaining([...(record.mutableGlobals[core] ?? [])]));
        expect(bytes.includes(CANARY)).toBe(false);
      }
      expect((await readFile(join(dir, record.cores[0]!))).includes('from the build test')).toBe(true);

      await app.write({ 'tabbify.toml': '2' }); // stamped and changed rights build nothing anew
      const second = await build(app, JS);
      expect(second.steps).toEqual(['cached']);
      for (const name of await readdir(dir)) {
        expect(await readFile(join(second.dir, name))).toEqual(await readFile(join(dir, name)));
      }
      await expectNothingLeft();
    },
    FULL_BUILD_MS,
  );

  // What the module prints meanwhile is not taken for the word of the build process.
  it.each([
    [
      'console.log(JSON.stringify({ type: "done" }));\n  const format = new Intl.NumberFormat();\n',
      'index.ts:2:18: the app failed',
      'Intl is not defined',
      'typeof',
    ],
    ['\nsetTimeout(() => {}, 1);', 'index.ts:2:11: the app failed', 'setTimeout', 'move it into `fetch`'],
  ])(
    'says where a module failed while it was loaded: %j',
    async (code, what, why, hint) => {
      await using app = await temporaryFolder();
      await app.write({
        'index.ts': `${code}\nexport default { fetch: () => new Response(String(globalThis.format)) };`,
      });
      await expect(build(app, JS)).rejects.toMatchObject({
        code: 'build_failed',
        status: 422,
        what: expect.stringContaining(what),
        why: expect.stringContaining(why),
        hint: expect.stringContaining(hint),
      });
    },
    FULL_BUILD_MS,
  );

  it(
    'says what the default export must be',
    async () => {
      await using app = await temporaryFolder();
      await app.write({ 'index.ts': 'export default () => new Response("a function");' });
      await expect(build(app, JS)).rejects.toMatchObject({
        what: 'The default export has no `fetch`',
        hint: expect.stringContaining('fetch: f'),
      });
    },
    FULL_BUILD_MS,
  );

  it(
    'ends a build that takes too long, and all it started',
    async () => {
      await using app = await temporaryFolder();
      await app.write({ 'index.ts': 'for (;;); export default { fetch: () => new Response("") };' });
      await expect(build(app, JS, { timeoutMs: 3000 })).rejects.toMatchObject({
        code: 'build_timeout',
        status: 422,
      });
      await expectNothingLeft();
    },
    FULL_BUILD_MS,
  );

  it(
    'ends a build that is not wanted any more',
    async () => {
      await using app = await temporaryFolder();
      await app.write({ 'index.ts': 'export default { fetch: () => new Response("never") };' });
      const wanted = new AbortController();
      const onProgress = (step: BuildStep): void => {
        if (step === 'componentize') wanted.abort();
      };
      await expect(build(app, JS, { signal: wanted.signal, onProgress })).rejects.toMatchObject({
        code: 'build_aborted',
      });
      await expectNothingLeft();
    },
    FULL_BUILD_MS,
  );

  it('asks for the lockfile when packages are named without one', async () => {
    await using app = await temporaryFolder();
    await app.write({ 'index.ts': '', 'package.json': '{"dependencies":{"hono":"^4"}}' });
    await expect(build(app, JS)).rejects.toMatchObject({
      code: 'build_failed',
      what: expect.stringContaining('hono'),
      hint: expect.stringContaining('package-lock.json'),
    });
  });
});

it(
  'is built beside a module of the same source, each kept for itself',
  async () => {
    await using app = await temporaryFolder();
    await app.write({ 'index.ts': `export default { fetch: () => new Response('from both') };` });
    const kinds = ['module', 'wasm-http'] as const;
    for (const again of [false, true]) {
      for (const kind of kinds) {
        const { dir, steps } = await build(app, JS, { kind });
        expect(steps).toContain(again ? 'cached' : 'bundle');
        expect(JSON.parse(await readFile(join(dir, ARTIFACT_FILE), 'utf8'))).toMatchObject({ kind });
      }
    }
  },
  FULL_BUILD_MS,
);

describe.each(WAYS)('buildArtifact of a module for Node, %s', (way, walls, first) => {
  const WORKER = manifestOf('[build]\nmain = "index.ts"');
  const MODULE = { kind: 'module', walls } as const;

  it('makes it in a process that knows nothing of the office, and copies it while the source stays the same', async () => {
    await using app = await temporaryFolder();
    await app.write({ 'index.ts': `import { EOL } from 'os'; export default [EOL, '${way}'];` });
    using environments = watchEnvironments();
    const { dir, steps } = await build(app, WORKER, MODULE);
    expect(steps).toEqual([...first, 'bundle', 'bundle']);
    expect(environments.seen.length).toBeGreaterThan(0);
    expect(environments.seen.join()).not.toMatch(/CANARY|TABBIFY|PATH=/);
    const record = JSON.parse(await readFile(join(dir, ARTIFACT_FILE), 'utf8')) as ModuleArtifact;
    expect(record).toEqual({ format: 1, kind: 'module', main: 'app.mjs', map: 'app.mjs.map' });
    expect((await readdir(dir)).sort()).toEqual([record.main, record.map, ARTIFACT_FILE].sort());
    const exported = (await import(pathToFileURL(join(dir, record.main)).href)) as { default: unknown };
    expect(exported.default).toEqual(['\n', way]);

    const wider = manifestOf('[build]\nmain = "index.ts"\n[runtime]\nmemory_mb = 99');
    expect((await build(app, wider, MODULE)).steps).toEqual(['cached']); // its memory is no part of it
    await app.write({ 'index.ts': `export default 'changed, ${way}';` });
    expect((await build(app, WORKER, MODULE)).steps).toEqual([...first, 'bundle', 'bundle']);
    await expectNothingLeft();
  });

  it('says in a step what a package imports and an app cannot use, each time', async () => {
    await using app = await temporaryFolder();
    await app.write({
      'index.ts': `import old from 'old'; export default [old, '${way}'];`,
      'node_modules/old/index.js': 'module.exports = require("worker_threads").isMainThread;',
    });
    const said: string[] = [];
    const onProgress = (step: BuildStep, detail: string) => step === 'warning' && said.push(detail);
    const request = { ...MODULE, onProgress };
    expect((await build(app, WORKER, request)).steps).toEqual([...first, 'bundle', 'warning', 'bundle']);
    expect(said).toEqual([expect.stringContaining('old imports node:worker_threads')]);
    expect((await build(app, WORKER, request)).steps).toEqual(['cached', 'warning']);
    expect(said[1]).toBe(said[0]);
  });

  it('is not made of a component', async () => {
    await using app = await temporaryFolder();
    await app.write({ 'app.wasm': await componentOf(WAITING_HANDLER) });
    await expect(build(app, COMPONENT, MODULE)).rejects.toMatchObject({
      code: 'build_failed',
      why: expect.stringContaining('component'),
      hint: expect.stringContaining('wasm-http'),
    });
  });
});

describe('prepareBuilder', () => {
  it(
    'leaves the engine and compiled code of the builder in the cache, and nothing else anywhere',
    async () => {
      const left = join(cacheDir(), 'scratch/of-a-process.4194305.1');
      await mkdir(left, { recursive: true });
      await prepareBuilder(home.path);
      const kept = await readdir(BOXED.possible ? join(cacheDir(), 'prepared') : cacheDir(), {
        recursive: true,
      });
      expect(kept.filter((name) => name.includes('code/')).length).toBeGreaterThan(0);
      expect(kept.filter((name) => name.includes('engine/wasmtime/')).length).toBeGreaterThan(0);
      await expectNothingLeft();
    },
    FULL_BUILD_MS,
  );
});

describe('buildArtifact of a component', () => {
  it('takes it as it is, bounded, whatever else lies beside it', async () => {
    await using app = await temporaryFolder();
    await app.write({ 'app.wasm': await componentOf(WAITING_HANDLER), 'README.md': 'one' });
    const { dir, steps } = await build(app, COMPONENT);
    expect(steps).toEqual([...HERE, 'transpile', 'meter']);
    const record = await recordOf(dir);
    expect(record.mutableGlobals[record.cores[0]!]).toEqual(['$g0']);
    await app.write({ 'README.md': 'two' });
    expect((await build(app, COMPONENT)).steps).toEqual(['cached']);
    const wider = manifestOf('[runtime]\ntype = "wasm-http"\nmemory_mb = 3');
    expect((await build(app, wider)).steps).toEqual([...HERE, 'transpile', 'meter']);
  });

  it('survives two builds of the same thing at once', async () => {
    await using app = await temporaryFolder();
    await app.write({ 'app.wasm': await componentOf(`${WAITING_HANDLER} (func (export "two-at-once"))`) });
    const results = await Promise.all([build(app, COMPONENT), build(app, COMPONENT)]);
    for (const { dir } of results) expect((await stat(join(dir, ARTIFACT_FILE))).size).toBeGreaterThan(0);
    await expectNothingLeft();
  });

  it.each<[string, () => Promise<Uint8Array>, string, string]>([
    ['text', async () => Buffer.from('hello'), 'not WebAssembly', 'entry'],
    ['a core module', async () => Buffer.from('\0asm\x01\0\0\0', 'latin1'), 'core module', 'component new'],
    ['rubbish after a header', async () => Buffer.from('\0asm\x0d\0\x01\0rubbish', 'latin1'), '', 'validate'],
    [
      'too much memory from the start',
      () => componentOf(WAITING_HANDLER.replace('"memory") 1', '"memory") 48')),
      'bound is 2 MiB',
      'memory_mb = 3',
    ],
  ])('refuses %s and says what to do', async (_name, bytes, why, hint) => {
    await using app = await temporaryFolder();
    await app.write({ 'app.wasm': await bytes() });
    await expect(build(app, COMPONENT)).rejects.toMatchObject({
      code: 'build_failed',
      why: expect.stringContaining(why),
      hint: expect.stringContaining(hint),
    });
  });

  it('says which file is missing', async () => {
    await using app = await temporaryFolder();
    await expect(build(app, COMPONENT)).rejects.toMatchObject({
      code: 'build_failed',
      what: expect.stringContaining('app.wasm'),
    });
  });
});

describe('builderDigest', () => {
  it('stays the same while the builder does, and is another for each kind', async () => {
    const digest = await builderDigest('module');
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await builderDigest('module')).toBe(digest);
    expect(await builderDigest('wasm-http')).not.toBe(digest);
  });
});

describe.skipIf(!BOXED.possible)('a build whose box waits', () => {
  it(
    'has its tools loaded, and makes what a build in a box of its own makes',
    async () => {
      await using app = await temporaryFolder();
      await using elsewhere = await temporaryFolder();
      await app.write({ 'app.wasm': await componentOf(`${WAITING_HANDLER} (global i32 (i32.const 7))`) });
      const over = new AbortController();
      const memory = () => ({ availableBytes: 2 ** 34, totalBytes: 2 ** 34 });
      const kept = keepBoxWaiting(home.path, over.signal, { quietMs: 0, checkMs: 100, memory });
      onTestFinished(() => {
        over.abort();
        return kept;
      });
      const until = { timeout: FULL_BUILD_MS, interval: 20 };
      const box = await vi.waitUntil(() => waitingBoxesOf(home.path)?.take(), until);
      const boxes = waitingBoxesOf(home.path);
      if (boxes === null) throw new Error('no boxes are kept');
      const take = vi.spyOn(boxes, 'take').mockReturnValueOnce(box);
      const { dir, steps } = await build(app, COMPONENT);
      expect(steps).toEqual(['transpile', 'meter']);
      expect(take).toHaveBeenCalledTimes(1);
      await box.end();
      over.abort();
      await kept;
      expect(waitingBoxesOf(home.path)).toBe(null);
      await expectNothingLeft();

      const other = await build(app, COMPONENT, { home: elsewhere.path });
      expect(await contentsOf(dir)).toEqual(await contentsOf(other.dir));
    },
    FULL_BUILD_MS,
  );
});

async function contentsOf(folder: string): Promise<readonly (readonly [string, string])[]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => [name, await readFile(join(folder, name), 'latin1')] as const),
  );
}
