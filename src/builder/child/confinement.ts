import { readFile, realpath } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, extname, isAbsolute, relative, resolve } from 'node:path';
import type { OnLoadResult, OnResolveArgs, OnResolveResult, Plugin } from 'esbuild';
import { isBelow } from '../app-file.ts';
import { LOADERS } from './loaders.ts';

const BUILTINS = new Set(builtinModules);

/**
 * Keeps the bundler inside the app's folder: every file it loads is read here, after its real path was checked, and
 * specifiers that cannot be part of an app are refused where they stand, each with what to do instead.
 *
 * @param root real path of the app's folder
 */
export function confinement(root: string): Plugin {
  return {
    name: 'tabbify-confinement',
    setup(build) {
      build.onResolve({ filter: /.*/ }, (args) => {
        if (args.kind === 'entry-point' || args.namespace !== 'file') return undefined;
        return refusedSpecifier(root, args);
      });
      build.onLoad({ filter: /.*/, namespace: 'file' }, (args) => load(root, args.path));
    },
  };
}

function refusedSpecifier(root: string, args: OnResolveArgs): OnResolveResult | undefined {
  const { path } = args;
  const builtin = path.startsWith('node:') ? path.slice(5) : path;
  if (path.startsWith('node:') || BUILTINS.has(path)) {
    return refusal(
      `"${path}" is not there: the app runs as wasm-http, which has no node:${builtin}`,
      'Use what browsers have (fetch, crypto.subtle, URL, TextEncoder, streams), or a library that does; code that needs Node itself can run as `worker` when that runtime is available.',
    );
  }
  if (/^(wasi|tabbify):/.test(path)) {
    return refusal(`"${path}" belongs to the platform`, 'Use `fetch`, `env` and the other web APIs.');
  }
  if (/^[a-z][a-z0-9+.-]+:/i.test(path) || path.startsWith('//')) {
    return refusal(
      `"${path}" is an address, not a file of the app`,
      'Put the file into the app, or install its package.',
    );
  }
  if (isAbsolute(path) || (/^\.\.?(\/|$)/.test(path) && !isBelow(root, resolve(args.resolveDir, path)))) {
    return refusal(
      `"${path}" lies outside the app's folder`,
      'Copy the file into the app and import it from there.',
    );
  }
  return undefined;
}

function refusal(text: string, hint: string): OnResolveResult {
  return { errors: [{ text, notes: [{ text: hint }] }] };
}

async function load(root: string, path: string): Promise<OnLoadResult> {
  const real = await realpath(path);
  if (!isBelow(root, real)) {
    return refusal(
      `"${relative(root, path)}" lies outside the app's folder`,
      'Links out of the app are not followed, nor packages installed above it: copy the file into the app, or add the package to package.json and commit package-lock.json.',
    );
  }
  const extension = extname(real).toLowerCase();
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
  return { contents, loader, resolveDir: dirname(path) };
}
