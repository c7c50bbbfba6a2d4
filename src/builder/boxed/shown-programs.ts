import { existsSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ShownFile } from '../../sandbox/index.ts';
import { SDK_FOLDER } from '../sdk-folder.ts';

/** The folder of the rooms, and the package they are of. */
const ROOMS = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const PACKAGE = dirname(ROOMS);
const IN_BOX = '/tabbify';

/** `.ts` in a checkout, `.js` in the published package. */
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
/** The build process. */
export const MAIN_IN_BOX = `${IN_BOX}/rooms/builder/child/main.${EXTENSION}`;

/** A component that comes with the platform; none of it is anybody's. */
export const SMALLEST_COMPONENT = join(PACKAGE, 'examples/tiny/app.wasm');

/** What the build process consists of: our own code, what apps import of it, and installed packages. None of it is the office's or an app's. */
export function shownPrograms(): ShownFile[] {
  const own = join(PACKAGE, 'node_modules');
  const bundler = foldersOf('esbuild');
  return [
    { from: ROOMS, to: `${IN_BOX}/rooms` },
    { from: SDK_FOLDER, to: `${IN_BOX}/sdk` },
    { from: join(PACKAGE, 'package.json'), to: `${IN_BOX}/package.json` },
    ...(existsSync(own) ? [{ from: own, to: `${IN_BOX}/node_modules` }] : []),
    // Installed beside us, among the packages of another project.
    ...(bundler === own ? [] : [{ from: bundler, to: '/node_modules' }]),
  ];
}

/** The `node_modules` in which a package lies. */
function foldersOf(name: string): string {
  const manifest = findPackageJSON(name, import.meta.url);
  if (manifest === undefined) throw new Error(`the package ${name} is not installed`);
  const folder = `/node_modules/${name}/package.json`;
  return `${manifest.slice(0, -folder.length)}/node_modules`;
}
