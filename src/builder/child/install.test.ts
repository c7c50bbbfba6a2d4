import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../app-folder.fixture.ts';
import { readNpmSettings } from '../npm-settings.ts';
import { packageJson, testRegistry } from '../testing/registry.ts';
import { bundleApp } from './component/bundle.ts';
import { installPackages } from './install.ts';
import type { NpmSettings } from './protocol.ts';

const EVIL = 'http://127.0.0.1:9/';
const MAIN = `import { words } from 'left-words'; export default { fetch: () => new Response(words) };`;

async function npmFor(registry: string, cacheDir: string): Promise<NpmSettings> {
  const settings = await readNpmSettings({ PATH: process.env.PATH, HOME: cacheDir }, cacheDir);
  return { ...settings, registry, cafile: null };
}

it('installs the lockfile’s packages from the registry alone, runs no script and takes no orders from the app', async () => {
  await using app = await temporaryFolder();
  await using work = await temporaryFolder();
  await using registry = await testRegistry([
    {
      name: 'left-words',
      files: {
        'index.js': 'export const words = "words from a package";',
        'run.js': 'require("fs").writeFileSync("ran", "")',
      },
      scripts: { preinstall: 'node run.js', install: 'node run.js', postinstall: 'node run.js' },
    },
  ]);
  await app.write({
    'src/index.ts': MAIN,
    'package.json': packageJson(['left-words']),
    'package-lock.json': registry.lockfile(['left-words']),
    '.npmrc': `registry=${EVIL}\nignore-scripts=false\n`,
    'npm-shrinkwrap.json': registry.lockfile(['left-words']).replaceAll(registry.url, EVIL),
  });
  await work.write({ 'copy/.keep': '' });
  const copy = join(work.path, 'copy');
  await installPackages(app.path, copy, await npmFor(registry.url, work.path), () => {});

  expect((await bundleApp(copy, 'src/index.ts')).code).toContain('words from a package');
  expect(await readdir(join(copy, 'node_modules/left-words'))).not.toContain('ran');
  expect(registry.asked.some((path) => path.endsWith('.tgz'))).toBe(true);
  expect(await readdir(app.path)).not.toContain('node_modules');
});

it('refuses a package whose bytes are not those of the lockfile', async () => {
  await using app = await temporaryFolder();
  await using work = await temporaryFolder();
  await using registry = await testRegistry([
    { name: 'left-words', files: { 'index.js': 'export const words = 1;' } },
  ]);
  await app.write({
    'src/index.ts': MAIN,
    'package.json': packageJson(['left-words']),
    'package-lock.json': registry.lockfile(['left-words']).replace(/sha512-.{8}/, 'sha512-AAAAAAAA'),
  });
  await work.write({ 'copy/.keep': '' });
  const npm = await npmFor(registry.url, work.path);
  await expect(installPackages(app.path, join(work.path, 'copy'), npm, () => {})).rejects.toMatchObject({
    code: 'build_failed',
    why: expect.stringContaining('EINTEGRITY'),
  });
});

it.each([
  ['a version', { version: 'EVIL' }, '*'],
  ['a version that is bundled', { version: '1.0.0', inBundle: true }, 'EVIL'],
  ['a name', { name: 'left-words@EVIL#', version: '1.0.0' }, '1.0.0'],
  ['what another one wants', { version: '1.0.0', dependencies: { right: 'EVIL' } }, '1.0.0'],
  ['what the app wants', { version: '1.0.0' }, 'EVIL'],
  ['a repository the app wants', { version: '1.0.0' }, 'git+EVIL'],
])('asks no other host, though an address stands for %s', async (_name, entry, wanted) => {
  await using app = await temporaryFolder();
  await using work = await temporaryFolder();
  await using registry = await testRegistry([{ name: 'left-words', files: {} }]);
  await using canary = await testRegistry([]);
  const evil = (value: object): string => JSON.stringify(value).replaceAll('EVIL', `${canary.url}evil.tgz`);
  const dependencies = { 'left-words': wanted };
  const integrity = `sha512-${'A'.repeat(86)}==`;
  await app.write({
    'package.json': evil({ name: 'app', dependencies }),
    'package-lock.json': evil({
      name: 'app',
      lockfileVersion: 3,
      packages: { '': { name: 'app', dependencies }, 'node_modules/left-words': { integrity, ...entry } },
    }),
  });
  await work.write({ 'copy/.keep': '' });
  const npm = await npmFor(registry.url, work.path);
  const installed = installPackages(app.path, join(work.path, 'copy'), npm, () => {});
  await expect(installed).rejects.toMatchObject({ code: 'build_failed' });
  expect(canary.asked).toEqual([]);
});

it('hands npm neither the office’s home nor its credentials', async () => {
  await using work = await temporaryFolder();
  await work.write({
    '.npmrc': '//127.0.0.1:9/:_authToken=CANARY-9d1e\nregistry=http://127.0.0.1:9/\ncafile=/etc/none.pem\n',
  });
  const settings = await readNpmSettings({ PATH: process.env.PATH, HOME: work.path }, work.path);
  expect(settings).toMatchObject({ registry: EVIL, cafile: '/etc/none.pem' });
  expect(JSON.stringify(settings)).not.toContain('CANARY');

  await using app = await temporaryFolder();
  await using registry = await testRegistry([]);
  await app.write({
    'package.json': packageJson(['gone']),
    'package-lock.json': registry.lockfile(['gone']),
  });
  await work.write({ 'copy/.keep': '' });
  const npm = { ...settings, registry: registry.url, cafile: null };
  await expect(installPackages(app.path, join(work.path, 'copy'), npm, () => {})).rejects.toMatchObject({
    code: 'build_failed',
    what: expect.stringContaining('could not be installed'),
  });
  expect(await readFile(join(work.path, 'npm-home/.npmrc'), 'utf8')).not.toContain('CANARY');
});
