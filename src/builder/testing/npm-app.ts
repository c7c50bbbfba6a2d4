import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseManifest } from '../../app/index.ts';
import { type BuildResult, buildArtifact } from '../build.ts';
import type { BuildStep } from '../build-step.ts';
import { readNpmSettings } from '../npm-settings.ts';
import { installedPackages } from './installed-packages.ts';
import { testRegistry } from './registry.ts';

const APP = join(import.meta.dirname, '../../../test/fixtures/apps/orders');

/**
 * Builds the app `orders` of many npm packages, as a push would: its packages are installed from a lockfile, out of a registry on the
 * loopback that has those of this checkout.
 *
 * @param folder empty; the artifact lies in it afterwards
 */
export async function buildNpmApp(
  folder: string,
  onProgress: (step: BuildStep, detail: string) => void = () => {},
): Promise<BuildResult> {
  const { dependencies } = JSON.parse(await readFile(join(APP, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const packages = await installedPackages(Object.keys(dependencies));
  await using registry = await testRegistry(packages);
  const sourceDir = join(folder, 'source');
  await cp(APP, sourceDir, { recursive: true });
  const names = packages.map(({ name }) => name);
  await writeFile(join(sourceDir, 'package-lock.json'), registry.lockfile(names, dependencies));
  const { manifest } = parseManifest(await readFile(join(APP, 'tabbify.toml'), 'utf8'), {
    file: 'tabbify.toml',
  });
  if (manifest === null) throw new Error('the manifest of the app of npm packages is wrong');
  const npm = await readNpmSettings({ PATH: process.env.PATH, HOME: folder }, folder);
  return await buildArtifact({
    sourceDir,
    outDir: join(folder, 'artifact'),
    manifest,
    kind: 'module',
    home: folder,
    onProgress,
    npm: { ...npm, registry: registry.url, cafile: null },
  });
}
