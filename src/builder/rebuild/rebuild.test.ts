import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../app-folder.fixture.ts';
import { bundleModule } from '../child/module/bundle-module.ts';
import { lockfileDifferences } from './lockfile-differences.ts';
import { openRebuilder } from './open-rebuilder.ts';
import { packageFolderOf } from './package-folder.ts';

let app: TemporaryFolder;
beforeEach(async () => {
  app = await temporaryFolder();
  return () => app[Symbol.asyncDispose]();
});

const PACKAGE = {
  'node_modules/hello/package.json': '{"name":"hello","version":"1.0.0","main":"index.js"}',
  'node_modules/hello/index.js': "exports.word = 'packed'; try { require('not-there'); } catch {}",
};

describe('an app that is made again and again', () => {
  it('is what a build makes of it, and tells what it is made of', async () => {
    const root = await app.write({
      ...PACKAGE,
      'src/index.ts':
        "import { word } from 'hello'; import { a } from './a.ts'; export default () => word + a;",
      'src/a.ts': 'export const a = 1;',
    });
    const rebuilder = await openRebuilder({ root, packages: null, main: 'src/index.ts' });
    const first = await rebuilder.rebuild();
    if (first.kind === 'failed') throw first.error;
    expect([...first.files].sort()).toEqual([join(root, 'src/a.ts'), join(root, 'src/index.ts')]);
    expect(first.packages).toEqual(['node_modules/hello']);
    await first.write(join(root, 'out'));
    const built = await bundleModule(root, 'src/index.ts');
    expect((await readFile(join(root, 'out/app.mjs'))).equals(built.code)).toBe(true);

    await app.write({ 'src/a.ts': 'export const a = 2;' });
    const second = await rebuilder.rebuild();
    await app.write({ 'src/a.ts': 'export const a = 1;' });
    const third = await rebuilder.rebuild();
    if (second.kind === 'failed' || third.kind === 'failed') throw new Error('it was not made');
    expect([second.digest === first.digest, third.digest === first.digest]).toEqual([false, true]);
    await rebuilder.close();
  });

  it('fails as a build does, and goes on when what was wrong is mended, a missing main module too', async () => {
    const root = await app.write({ 'index.ts': "import './late.ts';" });
    const rebuilder = await openRebuilder({ root, packages: null, main: 'index.ts' });
    const failure = async () => {
      const made = await rebuilder.rebuild();
      return made.kind === 'failed' ? made.error.what : null;
    };
    expect(await failure()).toMatch(/^index\.ts:1:8: Could not resolve "\.\/late\.ts"/);
    await app.write({ 'late.ts': 'let = 1 2;' });
    expect(await failure()).toMatch(/^late\.ts:1:/);
    await app.write({ 'late.ts': 'export {};' });
    expect(await failure()).toBeNull();
    await rm(join(root, 'index.ts'));
    expect(await failure()).toMatch(/index\.ts is not there/);
    await app.write({ 'index.ts': 'export default 1;' });
    expect(await failure()).toBeNull();
    await rebuilder.close();
  });

  it('is made for an engine with the rules, warnings and words of a component', async () => {
    const root = await app.write({
      ...PACKAGE,
      'src/index.ts': `import { createHash } from 'node:crypto';
import { kv } from '@tabbify/sdk';
import { word } from 'hello';
import { a } from './a.ts';
export default { fetch: () => new Response(word + a + Buffer.from('x') + createHash('md5') + kv + Intl) };`,
      'src/a.ts': 'export const a = 1;',
    });
    const engine = async (): Promise<string> => join(root, 'engine');
    const rebuilder = await openRebuilder({ root, packages: null, main: 'src/index.ts', engine });
    const made = await rebuilder.rebuild();
    if (made.kind === 'failed') throw made.error;
    expect([...made.files].sort()).toEqual([join(root, 'src/a.ts'), join(root, 'src/index.ts')]);
    expect(made.packages).toEqual(['node_modules/hello']);
    expect(made.warnings).toEqual([expect.stringMatching(/^src\/index\.ts:5:\d+: Intl is not there/)]);
    await app.write({ 'src/a.ts': "import 'node:fs'; export const a = 1;" });
    const refused = await rebuilder.rebuild();
    expect(refused).toMatchObject({ kind: 'failed' });
    expect(refused.kind === 'failed' && refused.error.what).toMatch(
      /^src\/a\.ts:1:8: "node:fs" is not there/,
    );
    await app.write({ 'src/a.ts': 'export const a = 1;' });
    const again = await rebuilder.rebuild();
    expect(again).toMatchObject({ digest: made.digest, warnings: made.warnings });
    await rebuilder.close();
  });

  it.each([
    ['a module', {}],
    ['an engine', { engine: async () => '' }],
  ])('takes its packages from elsewhere, and nothing else from there, for %s', async (_name, kind) => {
    await using elsewhere = await temporaryFolder();
    const installed = await elsewhere.write({ ...PACKAGE, 'secret.txt': 'canary' });
    const packages = join(app.path, 'packages');
    await mkdir(packages);
    await symlink(join(installed, 'node_modules'), join(packages, 'node_modules'));
    const root = await app.write({ 'app/index.ts': "import { word } from 'hello'; export default word;" });
    const rebuilder = await openRebuilder({ root: join(root, 'app'), packages, main: 'index.ts', ...kind });
    const made = await rebuilder.rebuild();
    if (made.kind === 'failed') throw made.error;
    expect([made.packages, made.warnings]).toEqual([['node_modules/hello'], []]);
    await app.write({ 'app/index.ts': `import text from '${installed}/secret.txt'; export default text;` });
    expect(await rebuilder.rebuild()).toMatchObject({ kind: 'failed', error: { code: 'build_failed' } });
    await rebuilder.close();
  });
});

it('names the package that a path leads into', () => {
  const folders = [
    'src/a.ts',
    'node_modules/a/i.js',
    '../x/node_modules/@b/c/i.js',
    'node_modules/a/node_modules/d/i.js',
  ];
  expect(folders.map(packageFolderOf)).toEqual([
    null,
    'node_modules/a',
    'node_modules/@b/c',
    'node_modules/a/node_modules/d',
  ]);
});

it('tells where installed packages are not those of the lockfile, with what helps', async () => {
  const root = await app.write(PACKAGE);
  const differences = () => lockfileDifferences(root, ['node_modules/hello']);
  expect(await lockfileDifferences(root, [])).toEqual([]);
  expect(await differences()).toEqual([expect.stringContaining('`npm install`')]);
  const lock = async (entry: object | undefined) => {
    await app.write({ 'package-lock.json': JSON.stringify({ packages: { 'node_modules/hello': entry } }) });
    return differences();
  };
  expect(await lock(undefined)).toEqual([expect.stringContaining('`npm install hello`')]);
  expect(await lock({ version: '1.0.0', dev: true })).toEqual([expect.stringContaining('--save-prod hello')]);
  expect(await lock({ version: '2.0.0' })).toEqual([expect.stringMatching(/1\.0\.0.*2\.0\.0.*`npm ci`/)]);
  expect(await lock({ version: '1.0.0' })).toEqual([]);
});
