import type { OnResolveArgs, OnResolveResult, PluginBuild } from 'esbuild';
import { type AppTree, isOfApp } from './app-tree.ts';

/** Marks our own question to the bundler, which must not come back to us. */
const ASKED = Symbol('asked');

/**
 * The package that an app's own file imports, where its packages lie elsewhere. They come before those of the folders above it, which the
 * bundler looks at first: an app that is written in the folder of another project has a `node_modules` above it that is none of its.
 *
 * @returns undefined: an import like every other
 */
export async function fromApartPackages(
  tree: AppTree,
  { path, importer, namespace, kind, pluginData }: OnResolveArgs,
  build: PluginBuild,
): Promise<OnResolveResult | undefined> {
  const { packages } = tree;
  if (packages === null || pluginData !== undefined || /^[./#]/.test(path)) return undefined;
  const asked = { importer, namespace, kind, resolveDir: packages, pluginData: ASKED };
  const { errors, external, sideEffects, path: found } = await build.resolve(path, asked);
  return errors.length > 0 || external || !isOfApp(tree, found) ? undefined : { path: found, sideEffects };
}
