import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestPackage } from './registry.ts';

const MODULES = join(import.meta.dirname, '../../../node_modules');

/**
 * Packages of this checkout and all that they need, to be served by a registry of a test.
 *
 * @throws when one of them has packages below it, which a flat tree does not
 */
export async function installedPackages(names: readonly string[]): Promise<TestPackage[]> {
  const found = new Map<string, TestPackage>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    const one = await installedPackage(name);
    found.set(name, one);
    open.push(...Object.keys(one.dependencies ?? {}));
  }
  return [...found.values()];
}

async function installedPackage(name: string): Promise<TestPackage> {
  const folder = join(MODULES, name);
  const { version, dependencies = {} } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  ) as Pick<TestPackage, 'version' | 'dependencies'>;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !/\.(map|d\.[cm]?ts|md)$/.test(path));
  if (paths.some((path) => path.startsWith('node_modules/')))
    throw new Error(`${name} has packages below it`);
  const files = await Promise.all(
    paths.map(async (path) => [path, await readFile(join(folder, path))] as const),
  );
  return {
    name,
    ...(version === undefined ? {} : { version }),
    dependencies,
    files: Object.fromEntries(files),
  };
}
