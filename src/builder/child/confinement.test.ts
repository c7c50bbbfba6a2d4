import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../app-folder.fixture.ts';
import { failureOf } from '../failure.fixture.ts';
import { bundleApp } from './component/bundle.ts';
import { bundleModule } from './module/bundle-module.ts';

const CANARY = 'CANARY-5f2c';
const MAIN = 'src/index.ts';

/** A folder that holds a secret, and in it the app's folder. */
async function appBeside(
  outer: TemporaryFolder,
  main: string,
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  await outer.write({
    'secret.ts': `export default '${CANARY}';`,
    'secret.json': JSON.stringify(CANARY),
    'secret.txt': CANARY,
    'node_modules/outside/index.js': `export const secret = '${CANARY}';`,
    [`app/${MAIN}`]: main,
    ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`app/${name}`, text])),
  });
  return join(outer.path, 'app');
}

let outer: TemporaryFolder;
beforeEach(async () => {
  outer = await temporaryFolder();
  return () => outer[Symbol.asyncDispose]();
});

/** How each kind of artifact bundles. */
const BUNDLERS = {
  'wasm-http': async (root: string, main: string) => (await bundleApp(root, main)).code,
  module: async (root: string, main: string) => Buffer.from((await bundleModule(root, main)).code).toString(),
};

describe.each(Object.entries(BUNDLERS))('what is bundled as %s', (_kind, bundle) => {
  it.each([
    [
      'a path that climbs out',
      `import secret from '../../secret.ts'; export default { fetch: () => new Response(secret) };`,
    ],
    [
      'a JSON file outside',
      `import secret from '../../secret.json'; export default { fetch: () => new Response(secret) };`,
    ],
    [
      'a package installed above the app',
      `import { secret } from 'outside'; export default { fetch: () => new Response(secret) };`,
    ],
    [
      'require',
      `const secret = require('../../secret.txt'); export default { fetch: () => new Response(secret) };`,
    ],
    [
      'a dynamic import',
      `export default { fetch: async () => new Response((await import('../../secret.ts')).default) };`,
    ],
    [
      'a pattern of imports',
      `export default { fetch: async (r) => new Response(await import('../../secret' + r.url + '.ts')) };`,
    ],
    [
      'a path within a package',
      `import s from './x/../../../secret.ts'; export default { fetch: () => new Response(s) };`,
    ],
    [
      'a file address',
      `import s from 'file:///etc/hostname'; export default { fetch: () => new Response(s) };`,
    ],
    ['a data address', `import s from 'data:text/plain,x'; export default { fetch: () => new Response(s) };`],
    [
      'a web address',
      `import s from 'https://example.com/x.js'; export default { fetch: () => new Response(s) };`,
    ],
    [
      'the WASI of the platform',
      `import * as s from 'wasi:cli/environment@0.2.10'; export default { fetch: () => new Response(s) };`,
    ],
    [
      'the guest shim',
      `import * as s from 'tabbify:entry'; export default { fetch: () => new Response(s) };`,
    ],
  ])('refuses %s, and nothing outside gets in', async (_name, main) => {
    const error = await failureOf(bundle(await appBeside(outer, main), MAIN));
    expect(error).toMatchObject({ code: 'build_failed', hint: expect.any(String) });
    expect(error.what).toContain(`${MAIN}:`);
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain(CANARY);
  });

  it('refuses an absolute path', async () => {
    const main = `import s from '${outer.path}/secret.ts'; export default { fetch: () => new Response(s) };`;
    expect((await failureOf(bundle(await appBeside(outer, main), MAIN))).what).toContain('outside the app');
  });

  it.each(['file', 'folder', 'main'])('does not follow a link that leads out: %s', async (kind) => {
    const from = kind === 'folder' ? './linked/secret.ts' : './linked.ts';
    const root = await appBeside(
      outer,
      `import s from '${from}'; export default { fetch: () => new Response(s) };`,
    );
    if (kind === 'folder') await symlink('../..', join(root, 'src/linked'));
    else await symlink('../../secret.ts', join(root, 'src/linked.ts'));
    const error = await failureOf(bundle(root, kind === 'main' ? 'src/linked.ts' : MAIN));
    expect(error.code).toBe('build_failed');
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain(CANARY);
  });

  it('follows a link that stays inside', async () => {
    const root = await appBeside(
      outer,
      `import { a } from './linked.ts'; export default { fetch: () => new Response(a) };`,
      {
        'lib/a.ts': 'export const a = "linked";',
      },
    );
    await symlink('../lib/a.ts', join(root, 'src/linked.ts'));
    expect(await bundle(root, MAIN)).toContain('linked');
  });

  it('reads no tsconfig.json, and no source map a file points to', async () => {
    const root = await appBeside(
      outer,
      `import s from '@/secret'; export default { fetch: () => new Response(s) };`,
      { 'src/other.ts': 'export const other = 1;\n//# sourceMappingURL=../../../secret.map' },
    );
    await outer.write({
      'tsconfig.json': JSON.stringify({ compilerOptions: { baseUrl: '.', paths: { '@/*': ['./*'] } } }),
      'app/tsconfig.json': JSON.stringify({ compilerOptions: { baseUrl: '.', paths: { '@/*': ['../*'] } } }),
    });
    expect((await failureOf(bundle(root, MAIN))).what).toContain('Could not resolve "@/secret"');
  });

  it('names file, line and column of a syntax error', async () => {
    const error = await failureOf(
      bundle(await appBeside(outer, 'export default {\n  fetch() { return = 1; },\n};'), MAIN),
    );
    expect(error.what).toMatch(/^src\/index\.ts:2:\d+: /);
  });

  it('says which package is missing and how to add it', async () => {
    const error = await failureOf(
      bundle(await appBeside(outer, `import 'not-there'; export default {};`), MAIN),
    );
    expect(error.hint).toContain('npm install not-there');
  });

  it('says that the main module is missing', async () => {
    const root = await appBeside(outer, '');
    await mkdir(join(root, 'empty'));
    expect((await failureOf(bundle(root, 'src/nothing.ts'))).what).toContain('src/nothing.ts');
    expect((await failureOf(bundle(root, '../secret.ts'))).why).toContain("lies in the app's folder");
  });
});
