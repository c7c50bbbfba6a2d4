import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../app-folder.fixture.ts';
import { bundleModule } from './bundle-module.ts';
import { writeModule } from './write-module.ts';

let app: TemporaryFolder;
beforeEach(async () => {
  app = await temporaryFolder();
  return () => app[Symbol.asyncDispose]();
});

/** Values that the modules of an app have left, by name. */
async function run(main: string, files: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  Object.assign(globalThis, { seenByApp: seen });
  const bundled = await bundleModule(await app.write(files), main);
  await using elsewhere = await temporaryFolder();
  await writeModule(elsewhere.path, bundled);
  await import(pathToFileURL(join(elsewhere.path, 'app.mjs')).href);
  return seen;
}

const SEES = `globalThis.seenByApp`;
const isMain = (name: string) => `${SEES}.${name} = import.meta.main;`;

describe('the main module of an app', () => {
  it('knows that it is, and no other module of the bundle takes itself for it', async () => {
    const seen = await run('src/index.ts', {
      'src/index.ts': `import './inner.ts'; import 'packed'; ${isMain('main')}
        if (import.meta.main) ${SEES}.served = true as boolean; ${SEES}.words = 'import.meta.main';`,
      'src/inner.ts': isMain('inner'),
      'node_modules/packed/package.json': '{"name":"packed","type":"module","main":"index.js"}',
      'node_modules/packed/index.js': isMain('packed'),
    });
    expect(seen).toEqual({
      main: true,
      served: true,
      words: 'import.meta.main',
      inner: false,
      packed: false,
    });
  });

  it('knows it in CommonJS as well', async () => {
    const asks = (name: string) => `${SEES}.${name} = require.main === module;`;
    const seen = await run('index.js', {
      'index.js': `'use strict'; require('./inner.js'); ${asks('main')} module.exports = () => {};`,
      'inner.js': `${asks('inner')} exports.a = 1;`,
    });
    expect(seen).toEqual({ main: true, inner: false });
  });

  it('may ask so in TypeScript that was meant to become CommonJS', async () => {
    const seen = await run('index.ts', {
      'index.ts': `import { sep } from 'node:path';\nif (require.main === module) ${SEES}.main = sep;
        ${SEES}.kind = typeof module; export default sep;`,
    });
    expect(seen).toEqual({ main: '/', kind: 'undefined' });
  });

  it('keeps its places, its JSX and its syntax errors', async () => {
    const placeOf = async (asked: string) => {
      const source = `const page = <p>hi</p>;\nexport function late(): never {\n  throw new Error(String(${asked} && page));\n}`;
      const files = {
        'index.tsx': source,
        'node_modules/hono/package.json': '{"name":"hono","exports":{"./jsx/jsx-runtime":"./j.js"}}',
        'node_modules/hono/j.js': 'export const jsx = (tag) => tag; export const jsxs = jsx;',
      };
      const { code, map } = await bundleModule(await app.write(files), 'index.tsx');
      const lines = Buffer.from(code).toString().split('\n');
      const line = lines.findIndex((text) => text.includes('throw new Error'));
      const column = (lines[line] ?? '').indexOf('throw');
      return new SourceMap(JSON.parse(Buffer.from(map).toString())).findOrigin(line + 1, column + 1);
    };
    const place = await placeOf('import.meta.main');
    expect(place).toMatchObject({ fileName: 'index.tsx', lineNumber: 3 });
    expect(place).toEqual(await placeOf('import.meta.mean'));
    await app.write({ 'index.tsx': 'if (import.meta.main) {\n  let = 1 2;' });
    await expect(bundleModule(app.path, 'index.tsx')).rejects.toThrow(/index\.tsx:2:/);
  });
});
