import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../app-folder.fixture.ts';
import { failureOf } from '../../failure.fixture.ts';
import { bundleModule, type ModuleBundle } from './bundle-module.ts';
import { writeModule } from './write-module.ts';

const MAIN = 'src/index.ts';

let app: TemporaryFolder;
beforeEach(async () => {
  app = await temporaryFolder();
  return () => app[Symbol.asyncDispose]();
});

async function bundle(files: Readonly<Record<string, string | Uint8Array>>): Promise<ModuleBundle> {
  return bundleModule(await app.write(files), MAIN);
}

/** What the bundled module exports, loaded where none of the app's files is. */
async function load(bundled: ModuleBundle): Promise<Readonly<Record<string, never>>> {
  await using elsewhere = await temporaryFolder();
  await writeModule(elsewhere.path, bundled);
  return await import(pathToFileURL(join(elsewhere.path, 'app.mjs')).href);
}

/** A package in the app's folder, as an install leaves it. */
function installed(name: string, manifest: object, files: Readonly<Record<string, string>>) {
  const folder = `node_modules/${name}`;
  return {
    [`${folder}/package.json`]: JSON.stringify({ name, version: '1.0.0', ...manifest }),
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text])),
  };
}

describe('bundleModule', () => {
  it('makes one module of TypeScript, JSON, text and bytes that imports nothing but Node’s own modules', async () => {
    const bundled = await bundle({
      [MAIN]: `import { name } from './name.ts'; import data from '../data.json'; import text from '../text.txt'; import icon from '../icon.png';
        import { hash } from 'crypto'; import { sep } from 'node:path/posix'; import type { ChildProcess } from 'node:child_process';
        export const kill = (child: ChildProcess) => child.kill();
        export default [name, data.a, text, icon.length, hash('md5', ''), sep, process.env.NODE_ENV];`,
      'src/name.ts': 'export const name: string = "inner";',
      'data.json': '{"a":1}',
      'text.txt': 'words',
      'icon.png': Uint8Array.of(0, 255, 7),
    });
    const imports = [
      ...Buffer.from(bundled.code)
        .toString()
        .matchAll(/^import .* from "([^"]+)"/gm),
    ];
    expect(imports.map(([, from]) => from).sort()).toEqual(['node:crypto', 'node:path/posix']);
    expect(bundled.warnings).toEqual([]);
    const exported = await load(bundled);
    expect(exported.default).toEqual([
      'inner',
      1,
      'words',
      3,
      'd41d8cd98f00b204e9800998ecf8427e',
      '/',
      'production',
    ]);
  });

  it('runs CommonJS packages beside modules: what they require of Node, their own place, JSON, and what is not installed', async () => {
    const bundled = await bundle({
      [MAIN]: `import { createRequire } from 'node:module'; import old from 'old'; import { join } from 'both';
        const require = createRequire(import.meta.url); const __dirname = 'its own';
        export default { old, join, eol: require('node:os').EOL, __dirname };`,
      ...installed(
        'old',
        {},
        {
          'index.js': `const { join } = require('path'); let fast; try { fast = require('faster'); } catch (error) { fast = error.code; }
          exports.late = () => require('of-no-app'); exports.from = () => import('neither-of-one');
          Object.assign(exports, { here: join(__dirname, 'x'), file: __filename, fast, version: require('./package.json').version,
            builtin: require('node:buffer').Buffer === Buffer, isMain: require.main === module });`,
        },
      ),
      ...installed(
        'both',
        { exports: { node: { import: './node.mjs', require: './node.cjs' }, default: './browser.js' } },
        {
          'node.mjs': 'export const join = "for Node";',
          'node.cjs': 'exports.join = "required";',
          'browser.js': '',
        },
      ),
    });
    const { default: found } = (await load(bundled)) as unknown as {
      default: { readonly old: Record<string, unknown> };
    };
    expect(found).toMatchObject({
      old: {
        here: '/app/x',
        file: '/app/app.mjs',
        fast: 'MODULE_NOT_FOUND',
        version: '1.0.0',
        builtin: true,
        isMain: false,
      },
      join: 'for Node',
      eol: '\n',
      __dirname: 'its own',
    });
    expect(found.old.late).toThrow("Cannot find module 'of-no-app'");
    await expect((found.old.from as () => Promise<unknown>)()).rejects.toMatchObject({
      code: 'ERR_MODULE_NOT_FOUND',
    });
  });

  it('bundles what is imported later, and waits at the top level', async () => {
    const bundled = await bundle({
      [MAIN]: `const { words } = await import('./later.ts'); export default { words, pick: (name: string) => import(\`./texts/\${name}.txt\`) };`,
      'src/later.ts': 'export const words = "later";',
      'src/texts/one.txt': 'the first',
    });
    const { default: found } = (await load(bundled)) as unknown as {
      default: { words: string; pick(name: string): Promise<{ default: string }> };
    };
    expect(found.words).toBe('later');
    expect((await found.pick('one')).default).toBe('the first');
  });

  it('exports what the main module exports, also when that is CommonJS or nothing', async () => {
    const exportsOf = async (code: string) => ({ ...(await load(await bundle({ [MAIN]: code }))) });
    expect(await exportsOf('export const fetch = 1; export default 2;')).toEqual({ fetch: 1, default: 2 });
    expect(await exportsOf('module.exports = 3;')).toMatchObject({ default: 3 });
    expect(await exportsOf('globalThis.listened = true;')).toEqual({});
  });

  it('makes the same bytes wherever the app lies, and says nothing of that place', async () => {
    const files = {
      [MAIN]: `import { a } from './a.ts'; import old from 'old'; export default [a, old, import.meta.url];`,
      'src/a.ts': 'export const a = 1;',
      ...installed('old', {}, { 'index.js': 'module.exports = __filename;' }),
    };
    await using other = await temporaryFolder();
    const first = await bundle(files);
    const second = await bundleModule(await other.write(files), MAIN);
    for (const part of ['code', 'map'] as const) {
      expect(Buffer.from(first[part]).equals(Buffer.from(second[part]))).toBe(true);
      expect(Buffer.from(first[part]).toString()).not.toContain(app.path);
    }
  });

  it('knows where each place stands in the app’s folder, and keeps the names of functions', async () => {
    const bundled = await bundle({
      [MAIN]: `import { fails as other } from './other.ts';\n\nfunction fails(): never { throw new Error('here'); }\nexport default [fails, other, fails.name, other.name];`,
      'src/other.ts': 'export function fails(): never { throw new Error("there"); }',
    });
    const { default: found } = (await load(bundled)) as unknown as { default: [() => never, () => never] };
    expect(found.slice(2)).toEqual(['fails', 'fails']);
    const map = new SourceMap(JSON.parse(Buffer.from(bundled.map).toString()));
    expect(placeOf(found[0], map)).toBe('fails src/index.ts:3:33');
    expect(placeOf(found[1], map)).toBe('fails src/other.ts:1:40');
  });
});

/** Where a function throws: its name in the stack, and the place in the source. */
function placeOf(fails: () => never, map: SourceMap): string {
  try {
    return fails();
  } catch (error) {
    const [, name, line, column] = /at (\S+) \(.*:(\d+):(\d+)\)/.exec((error as Error).stack ?? '') ?? [];
    const origin = map.findOrigin(Number(line), Number(column));
    return 'fileName' in origin
      ? `${name} ${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`
      : 'unknown';
  }
}

describe('what cannot work in a box', () => {
  it.each([
    ['node:child_process', 'starts no other programs', 'over HTTP'],
    ['child_process', 'starts no other programs', 'over HTTP'],
    ['node:cluster', 'no other processes', 'how many instances'],
    ['node:worker_threads', 'no threads', 'await'],
    ['node:inspector/promises', 'no debugger', 'tabbify logs'],
    ['node:ffi', 'no native code', 'WebAssembly'],
    ['dgram', 'no network of its own', 'fetch'],
    ['node:wasi', 'no files by WASI', 'WebAssembly.Instance'],
    ['node:trace_events', 'no traces', 'perf_hooks'],
    ['node:of-the-future', 'There is no', 'no such module'],
    ['better-sqlite3', 'native code', 'node:sqlite'],
    ['bcrypt/promises', 'native code', 'bcryptjs'],
  ])('is an error where the app imports it: %s', async (name, what, hint) => {
    for (const [line, column] of [
      [`import * as m from '${name}';`, 20],
      [`const m = require('${name}');`, 19],
      [`const m = await import('${name}');`, 24],
    ] as const) {
      const error = await failureOf(bundle({ [MAIN]: `\n${line}\nexport default { m };` }));
      expect(error.what).toMatch(new RegExp(`^${MAIN}:2:${column}: .*${what}`));
      expect(error.hint).toContain(hint);
    }
  });

  it('is a warning where a package imports it, once for each', async () => {
    const { warnings, code } = await bundle({
      [MAIN]: `import 'tool'; import '@scope/tool'; export default 1;`,
      ...installed(
        'tool',
        { type: 'module' },
        {
          'index.js':
            'import "./other.js"; import { fork } from "node:cluster"; import { Worker } from "worker_threads"; globalThis.used = [fork, Worker];',
          'other.js': 'import { Worker } from "node:worker_threads"; globalThis.other = Worker;',
        },
      ),
      ...installed('@scope/tool', {}, { 'index.js': 'exports.spawn = require("child_process").spawn;' }),
    });
    expect(warnings).toEqual([
      '@scope/tool imports node:child_process: an app starts no other programs, so what needs that fails when it is called',
      'tool imports node:cluster: an app starts no other processes, so what needs that fails when it is called',
      'tool imports node:worker_threads: an app starts no threads, so what needs that fails when it is called',
    ]);
    expect(Buffer.from(code).toString()).toContain('from "node:worker_threads"');
  });

  it('is told with its place when the bundler doubts a line of the app, not of a package', async () => {
    const doubtful = 'import * as other from "./other.js"; export default typeof other.missing;';
    const { warnings } = await bundle({
      [MAIN]: `import 'tool';\n${doubtful}`,
      'src/other.js': 'export const there = 1;',
      ...installed(
        'tool',
        { type: 'module' },
        { 'index.js': doubtful, 'other.js': 'export const there = 1;' },
      ),
    });
    expect(warnings).toEqual([
      expect.stringMatching(/^src\/index\.ts:2:\d+: Import "missing" will always be undefined/),
    ]);
  });

  it('is an error that names the package when it is an add-on that lies there', async () => {
    const error = await failureOf(
      bundle({
        [MAIN]: `import 'quick'; export default 1;`,
        ...installed(
          'quick',
          {},
          { 'index.js': 'require("./build/quick.node");', 'build/quick.node': 'ELF' },
        ),
      }),
    );
    expect(error.what).toMatch(
      /^node_modules\/quick\/index\.js:1:9: The package quick needs the native add-on node_modules\/quick\/build\/quick\.node/,
    );
    expect(error.hint).toContain('JavaScript or WebAssembly');
  });

  it('leaves to fail what a package tries and does without: add-ons never built, native code, other runtimes, what lies above the app', async () => {
    const tries = ['./build/quick.node', 'sharp', 'bun:ffi', 'above'];
    await app.write({
      'node_modules/above/index.js': 'module.exports = "CANARY";',
      [`inner/${MAIN}`]: `import quick from 'quick'; export default quick;`,
      'inner/node_modules/quick/index.js': `const tries = [${tries.map((name) => `() => require('${name}')`)}];
        module.exports = tries.map((one) => { try { return one(); } catch (error) { return error.code; } });`,
    });
    const bundled = await bundleModule(join(app.path, 'inner'), MAIN);
    expect((await load(bundled)).default).toEqual(tries.map(() => 'MODULE_NOT_FOUND'));
  });
});
