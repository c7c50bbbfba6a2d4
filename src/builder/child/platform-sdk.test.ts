import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../app-folder.fixture.ts';
import { builderDigest, digestWith } from '../builder-digest.ts';
import { failureOf } from '../failure.fixture.ts';
import { SDK_FOLDER } from '../sdk-folder.ts';
import { bundleApp } from './component/bundle.ts';
import { bundleModule } from './module/bundle-module.ts';

const MAIN = 'src/index.ts';
const USES_KV = `import { kv } from '@tabbify/sdk'; export default { fetch: async () => new Response(await kv.text('a')) };`;

let app: TemporaryFolder;
beforeEach(async () => {
  app = await temporaryFolder();
  return () => app[Symbol.asyncDispose]();
});

const KINDS: Readonly<Record<string, (root: string) => Promise<string>>> = {
  module: async (root) => Buffer.from((await bundleModule(root, MAIN)).code).toString(),
  'wasm-http': async (root) => (await bundleApp(root, MAIN)).code,
};

describe.each(Object.entries(KINDS))('@tabbify/sdk in a build of kind %s', (_, bundle) => {
  it('is the platform’s, of which only what is used comes along', async () => {
    const code = await bundle(await app.write({ [MAIN]: USES_KV }));
    expect(code).toContain('http://tabbify.internal');
    expect(code).toContain('kv_conflict');
    expect(code).not.toContain('last_insert_rowid');
  });

  it('is the app’s own where it has installed one, also for its packages', async () => {
    const code = await bundle(
      await app.write({
        [MAIN]: `import { kv } from '@tabbify/sdk'; import other from 'other'; export default { fetch: () => new Response(kv + other) };`,
        'node_modules/@tabbify/sdk/package.json':
          '{"name":"@tabbify/sdk","exports":"./its-own.js","type":"module"}',
        'node_modules/@tabbify/sdk/its-own.js': `export const kv = 'the installed one';`,
        'node_modules/other/package.json': '{"name":"other","type":"module"}',
        'node_modules/other/index.js': `import { kv } from '@tabbify/sdk'; export default 'other with ' + kv;`,
      }),
    );
    expect(code).toContain('the installed one');
    expect(code).not.toContain('tabbify.internal');
  });

  it('is not one that lies above the app', async () => {
    const root = await app.write({
      'app/src/index.ts': USES_KV,
      'node_modules/@tabbify/sdk/package.json': '{"name":"@tabbify/sdk","exports":"./a.js","type":"module"}',
      'node_modules/@tabbify/sdk/a.js': `export const kv = 'CANARY';`,
    });
    const code = await bundle(join(root, 'app'));
    expect(code).not.toContain('CANARY');
    expect(code).toContain('tabbify.internal');
  });

  it('is given to a package that needs it and brings none, whenever it asks', async () => {
    const code = await bundle(
      await app.write({
        [MAIN]: `import { later } from 'needs'; export default { fetch: async () => new Response(String(await later())) };`,
        'node_modules/needs/package.json': '{"name":"needs","type":"module"}',
        'node_modules/needs/index.js': `export const later = () => import('@tabbify/sdk');`,
      }),
    );
    expect(code).toContain('tabbify.internal');
  });

  it('has no inside: neither its files nor its tests can be imported', async () => {
    for (const path of ['@tabbify/sdk/src/kv.ts', 'tabbify-sdk:src/kv.ts']) {
      const root = await app.write({ [MAIN]: `import * as m from '${path}'; export default m;` });
      expect(await failureOf(bundle(root))).toMatchObject({ code: 'build_failed' });
    }
  });
});

it('is shown to the app’s author as what it is where it lies in a stack', async () => {
  const { map } = await bundleModule(await app.write({ [MAIN]: USES_KV }), MAIN);
  const { sources } = JSON.parse(Buffer.from(map).toString()) as { sources: string[] };
  expect(sources).toContain('tabbify-sdk:src/kv.ts');
  expect(await readFile(new URL('../../../sdk/src/kv.ts', import.meta.url), 'utf8')).toContain(
    'export const kv',
  );
});

it.each(['module', 'wasm-http'] as const)(
  'decides the digest of the builder of %s, without its tests',
  async (kind) => {
    const now = await builderDigest(kind);
    const copy = join(app.path, 'sdk');
    await cp(SDK_FOLDER, copy, { recursive: true });
    await rm(join(copy, 'src/sdk.test.ts'), { force: true });
    expect(await digestWith(kind, copy)).toBe(now);
    await app.write({ 'sdk/src/kv.ts': 'export const kv = {};' });
    expect(await digestWith(kind, copy)).not.toBe(now);
  },
);
