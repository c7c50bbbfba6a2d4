import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { OnResolveArgs, OnResolveResult, PluginBuild } from 'esbuild';
import { SDK_FOLDER, SDK_PACKAGE } from '../sdk-folder.ts';
import { type AppTree, isOfApp } from './app-tree.ts';

/** Its modules have names of their own: nothing of the app reaches them but by the package's name, and they are told apart in stacks. */
const NAMESPACE = 'tabbify-sdk';
/** Marks our own question to the bundler, which must not come back to us. */
const ASKED = Symbol('asked');

/** `.ts` in a checkout, `.js` in the published package. */
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/**
 * Supplies `@tabbify/sdk` from the platform to apps that have not installed one of their own, so that an app without packages
 * can use it, and each speaks to the platform that it is built by.
 *
 * @param tree where the app's files lie
 */
export function supplySdk(build: PluginBuild, tree: AppTree): void {
  build.onResolve({ filter: new RegExp(`^${SDK_PACKAGE}$`), namespace: 'file' }, async (args) => {
    // A question of another part of the bundling looks for what is installed.
    if (args.pluginData !== undefined) return undefined;
    return (await installedCopy(build, tree, args)) ?? sdkModule(`src/index.${EXTENSION}`);
  });
  build.onResolve({ filter: /^\.{1,2}\//, namespace: NAMESPACE }, ({ path, importer }) =>
    sdkModule(posix.join(posix.dirname(importer), path)),
  );
  build.onLoad({ filter: /.*/, namespace: NAMESPACE }, async ({ path }) => ({
    contents: await readFile(join(SDK_FOLDER, path), 'utf8'),
    loader: EXTENSION,
  }));
}

/** Is this name of an input of a bundle, as the bundler tells it, a file of the platform's sdk? */
export function isOfSdk(input: string): boolean {
  return input.startsWith(`${NAMESPACE}:`);
}

function sdkModule(path: string): OnResolveResult {
  return { path, namespace: NAMESPACE, sideEffects: false };
}

/** The app's own, with the version of its lockfile; one that is installed above the app is none of its. */
async function installedCopy(
  build: PluginBuild,
  tree: AppTree,
  { path, importer, namespace, resolveDir, kind }: OnResolveArgs,
): Promise<OnResolveResult | undefined> {
  const found = await build.resolve(path, { importer, namespace, resolveDir, kind, pluginData: ASKED });
  const isIts = found.errors.length === 0 && !found.external && isOfApp(tree, found.path);
  return isIts ? { path: found.path, namespace: found.namespace, sideEffects: found.sideEffects } : undefined;
}
