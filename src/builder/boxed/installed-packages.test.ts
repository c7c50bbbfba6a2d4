import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { skipWithout } from '../../../test/requirements.ts';
import { parseManifest } from '../../app/index.ts';
import { CERTIFICATE, CERTIFICATE_KEY, openCanary } from '../../egress/testing/index.ts';
import { probeBoxes } from '../../sandbox/index.ts';
import { type TemporaryFolder, temporaryFolder } from '../app-folder.fixture.ts';
import { buildArtifact } from '../build.ts';
import { buildCacheDirectory } from '../cache-directory.ts';
import type { NpmSettings } from '../child/protocol.ts';
import { readNpmSettings } from '../npm-settings.ts';
import { packageJson, testRegistry } from '../testing/registry.ts';

const MAIN = `import { words } from 'left-words'; export default [words];`;
const LEFT = { name: 'left-words', files: { 'index.js': 'export const words = "words from a package";' } };

let home: TemporaryFolder;
beforeAll(async () => {
  home = await temporaryFolder();
});
afterAll(() => home[Symbol.asyncDispose]());

const boxes = await (async () => {
  await using folder = await temporaryFolder();
  return await probeBoxes({ home: folder.path });
})();

async function npmFor(registry: string, more: Partial<NpmSettings> = {}): Promise<NpmSettings> {
  const settings = await readNpmSettings({ PATH: process.env.PATH, HOME: home.path }, home.path);
  return { ...settings, registry, cafile: null, ...more };
}

/** Builds an app of a module; tells what was said, and what came out. */
async function build(app: TemporaryFolder, npm: NpmSettings) {
  const { manifest } = parseManifest('[app]\nname = "a"\n[build]\nmain = "index.js"', {
    file: 'tabbify.toml',
  });
  await using out = await temporaryFolder();
  const said: string[] = [];
  await buildArtifact({
    sourceDir: app.path,
    outDir: join(out.path, 'artifact'),
    manifest: manifest!,
    kind: 'module',
    home: home.path,
    npm,
    onProgress: (step, detail) => said.push(`${step}: ${detail}`),
  }).catch((error: unknown) => {
    throw Object.assign(error as Error, { said });
  });
  return { said, code: await readFile(join(out.path, 'artifact/app.mjs'), 'utf8') };
}

describe.skipIf(skipWithout('bubblewrap', boxes.possible))(
  'packages of an app that is built in a box',
  () => {
    it('come through TLS and a credential that the box has nothing of, and once for the same lists', async () => {
      await using app = await temporaryFolder();
      const authorization = 'Bearer CANARY-41cc';
      const walls = { cert: CERTIFICATE, key: CERTIFICATE_KEY, authorization };
      await using registry = await testRegistry([LEFT], walls);
      const { host } = new URL(registry.url);
      await home.write({ 'ca.pem': CERTIFICATE, npmrc: `//${host}/:_authToken=CANARY-41cc\n` });
      await app.write({
        'index.js': MAIN,
        'package.json': packageJson(['left-words']),
        'package-lock.json': registry.lockfile(['left-words']),
        '.npmrc': 'registry=http://127.0.0.1:9/\n',
      });
      const files = { cafile: join(home.path, 'ca.pem'), configFiles: [join(home.path, 'npmrc')] };
      const npm = await npmFor(registry.url, files);
      const first = await build(app, npm);
      expect(first.said[0]).toBe(`install: npm ci from ${registry.url}`);
      expect(first.code).toContain('words from a package');
      const asked = registry.asked.length;
      expect(asked).toBeGreaterThan(0);

      await app.write({ 'index.js': `${MAIN} // changed` });
      const second = await build(app, npm);
      expect(second.said[0]).toBe('install: packages of an earlier build with the same lockfile');
      expect(second.code).toContain('words from a package');
      expect(registry.asked.length).toBe(asked);

      // Boxes that are there at once are of different users, as root; both read what a third one has installed.
      const both = await Promise.all(
        ['one', 'two'].map(async (name) => {
          await using other = await temporaryFolder();
          const lists = {
            'package.json': packageJson(['left-words']),
            'package-lock.json': registry.lockfile(['left-words']),
          };
          await other.write({ ...lists, 'index.js': `${MAIN} // ${name}` });
          return await build(other, npm);
        }),
      );
      for (const { code } of both) expect(code).toContain('words from a package');
      expect(registry.asked.length).toBe(asked);

      await app.write({ 'package.json': packageJson(['left-words']).replace('{', '{"version":"2.0.0",') });
      expect((await build(app, npm)).said[0]).toContain('npm ci');
      expect(registry.asked.length).toBeGreaterThan(asked);
    });

    it('are refused where the registry does not know who asks, and where it is away', async () => {
      await using app = await temporaryFolder();
      const walls = { cert: CERTIFICATE, key: CERTIFICATE_KEY, authorization: 'Bearer other' };
      await using registry = await testRegistry([LEFT], walls);
      await app.write({
        'index.js': `${MAIN} // refused`,
        'package.json': packageJson(['left-words']),
        'package-lock.json': registry.lockfile(['left-words']),
      });
      await home.write({ 'ca.pem': CERTIFICATE });
      const refused = (why: string) => ({
        code: 'build_failed',
        what: 'The packages of package-lock.json could not be installed',
        why: expect.stringContaining(why),
      });
      const cafile = join(home.path, 'ca.pem');
      await expect(build(app, await npmFor(registry.url, { cafile }))).rejects.toMatchObject(refused('401'));
      await expect(build(app, await npmFor(registry.url))).rejects.toMatchObject(refused('502'));
    });

    it('are not fetched from where the registry sends npm to, and it is said', async () => {
      await using app = await temporaryFolder();
      await using canary = await openCanary();
      await using honest = await testRegistry([LEFT]);
      const server = createServer((_, response) => {
        response.writeHead(302, { location: `http://127.0.0.1:${canary.port}/left-words.tgz` }).end();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void server.close());
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      await app.write({
        'index.js': `${MAIN} // sent away`,
        'package.json': packageJson(['left-words']),
        'package-lock.json': honest.lockfile(['left-words']).replaceAll(honest.url, url),
      });
      const failure = await build(app, await npmFor(url)).catch(
        (error: { code: string; said: string[] }) => error,
      );
      expect(failure).toMatchObject({ code: 'build_failed' });
      expect(canary.connections).toBe(0);
      const denied = `install: outgoing connection to "127.0.0.1:${canary.port}" denied; the package registry of the office is reached, and nothing else`;
      expect(failure.said).toContain(denied);
    });

    it('leave nothing but themselves, and nothing when they could not be installed', async () => {
      const cache = buildCacheDirectory(home.path);
      await mkdir(join(cache, 'packages'), { recursive: true });
      const before = await readdir(join(cache, 'packages'));
      await using app = await temporaryFolder();
      await using registry = await testRegistry([LEFT]);
      await app.write({
        'index.js': `${MAIN} // tampered`,
        'package.json': packageJson(['left-words']),
        'package-lock.json': registry.lockfile(['left-words']).replace(/sha512-.{8}/, 'sha512-AAAAAAAA'),
      });
      await expect(build(app, await npmFor(registry.url))).rejects.toMatchObject({
        code: 'build_failed',
        why: expect.stringContaining('EINTEGRITY'),
      });
      expect(await readdir(join(cache, 'packages'))).toEqual(before);
      expect(await readdir(join(cache, 'scratch'))).toEqual([]);
    });
  },
);
