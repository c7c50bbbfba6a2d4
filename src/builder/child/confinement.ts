import { readFile, realpath } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, extname, isAbsolute, relative, resolve } from 'node:path';
import type { Loader, OnLoadResult, OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild';
import { fromApartPackages } from './apart-packages.ts';
import { type AppTree, isOfApp, isReadForApp } from './app-tree.ts';
import { LOADERS } from './loaders.ts';
import { packageOf } from './package-of.ts';
import { supplySdk } from './platform-sdk.ts';
import { refusal } from './refusal.ts';

/** Decides about an import before the bundler looks for it: Node's own modules, and what the kind cannot have. */
export type ImportRule = (
  args: OnResolveArgs,
  build: PluginBuild,
) => OnResolveResult | undefined | Promise<OnResolveResult | undefined>;

/** Looks at a file of the app or its packages that is about to be bundled. @param path relative to the app's folder */
export type Look = (path: string, source: string, loader: Loader) => Promise<void>;

/**
 * Keeps the bundler inside the app's folder: every file it loads is read here, after its real path was checked, and
 * specifiers that cannot be part of an app are refused where they stand, each with what to do instead. `@tabbify/sdk` is the platform's.
 *
 * @param tree where its files lie
 * @param rule of the kind that is built; undefined: an import like every other
 */
export function confinement(tree: AppTree, rule: ImportRule, look: Look = async () => {}): Plugin {
  return {
    name: 'tabbify-confinement',
    setup(build) {
      supplySdk(build, tree);
      build.onResolve({ filter: /.*/ }, async (args) => {
        if (args.kind === 'entry-point' || args.namespace !== 'file') return undefined;
        return (
          (await rule(args, build)) ??
          refusedSpecifier(tree, args) ??
          (await fromApartPackages(tree, args, build))
        );
      });
      build.onLoad({ filter: /.*/, namespace: 'file' }, (args) => load(tree, args.path, look));
    },
  };
}

function refusedSpecifier(tree: AppTree, args: OnResolveArgs): OnResolveResult | undefined {
  const { path } = args;
  if (/^(wasi|tabbify):/.test(path)) {
    return refusal(`"${path}" belongs to the platform`, 'Use `fetch`, `env` and the other web APIs.');
  }
  if ((/^[a-z][a-z0-9+.-]+:/i.test(path) && !isBuiltin(path)) || path.startsWith('//')) {
    return refusal(
      `"${path}" is an address, not a file of the app`,
      'Put the file into the app, or install its package.',
    );
  }
  if (isAbsolute(path) || (/^\.\.?(\/|$)/.test(path) && !isOfApp(tree, resolve(args.resolveDir, path)))) {
    return refusal(
      `"${path}" lies outside the app's folder`,
      'Copy the file into the app and import it from there.',
    );
  }
  return undefined;
}

async function load(tree: AppTree, path: string, look: Look): Promise<OnLoadResult> {
  const { root } = tree;
  const real = await realpath(path);
  if (!(await isReadForApp(tree, real))) {
    return refusal(
      `"${relative(root, path)}" lies outside the app's folder`,
      'Links out of the app are not followed, nor packages installed above it: copy the file into the app, or add the package to package.json and commit package-lock.json.',
    );
  }
  const extension = extname(real).toLowerCase();
  if (extension === '.node') return addOn(root, path);
  const loader = LOADERS[extension];
  if (loader === undefined) {
    return refusal(
      `Files of type "${extension}" cannot be imported`,
      `These can: ${Object.keys(LOADERS).join(' ')}`,
    );
  }
  const bytes = await readFile(real);
  // A source map named by the file could lie anywhere; the bundler would read it.
  const contents =
    loader === 'binary'
      ? bytes
      : bytes.toString('utf8').replace(/^(\/\/|\/\*)[#@] ?sourceMappingURL=.*$/gm, '');
  if (typeof contents === 'string') await look(relative(root, path), contents, loader);
  return { contents, loader, resolveDir: dirname(path) };
}

function addOn(root: string, path: string): OnLoadResult {
  const file = relative(root, path);
  const name = packageOf(file);
  return refusal(
    `${name === null ? 'The app' : `The package ${name}`} needs the native add-on ${file}, which no app can load`,
    'Use a package of JavaScript or WebAssembly that does the same.',
  );
}
