import { readFile } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { OnResolveArgs, OnResolveResult, Plugin } from 'esbuild';
import { adapted } from './adapted.ts';
import { FACADE, facadeOf, type Importer, PART } from './facade.ts';
import { GLOBAL, PROVIDED_GLOBALS } from './globals.ts';

/** Names in stacks and messages are `node:crypto` and the like. */
const NAMESPACE = 'node';
const OWN = fileURLToPath(new URL('../../../guest/node/', import.meta.url));
const PACKAGES = '/node_modules/';
/** `.ts` in a checkout, `.js` in the published package. */
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** Where an import of one of Node's modules leads. */
export function providedModule(name: string, importer: Importer): OnResolveResult {
  const suffix = importer === 'app' ? '' : `?${importer}`;
  return { path: name, namespace: NAMESPACE, suffix, sideEffects: false };
}

/**
 * Supplies what a component has of Node's modules and globals: own code below `guest/node/`, and the packages that it imports, read from
 * where the platform is installed. All of it has a namespace of its own, so that an app reaches it by the names of Node's modules alone.
 */
export function nodeModules(): Plugin {
  const files = new Map<string, string>();
  /** Under a name that says nothing of where it lies here. */
  const fileAt = (path: string, sideEffects: boolean): OnResolveResult => {
    const name = path.startsWith(OWN)
      ? `tabbify/${path.slice(OWN.length)}`
      : path.slice(path.lastIndexOf(PACKAGES) + 1);
    files.set(name, path);
    return { path: name, namespace: NAMESPACE, sideEffects };
  };
  const within = ({ path, importer, kind }: OnResolveArgs): OnResolveResult => {
    const isRequired = kind === 'require-call';
    if (path.startsWith(FACADE)) return providedModule(path.slice(FACADE.length), 'package');
    if (path.startsWith(PART)) return fileAt(join(OWN, `${path.slice(PART.length)}${EXTENSION}`), false);
    if (isBuiltin(path))
      return providedModule(path.replace(/^node:/, ''), isRequired ? 'require' : 'package');
    const from = files.get(importer);
    if (from === undefined) throw new Error(`${importer} imports ${path}`);
    return fileAt(createRequire(pathToFileURL(from)).resolve(path), isRequired);
  };
  return {
    name: 'tabbify-node-modules',
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${GLOBAL}`) }, ({ path, kind }) =>
        kind === 'entry-point' ? { path, namespace: NAMESPACE, sideEffects: false } : undefined,
      );
      build.onResolve({ filter: /.*/, namespace: NAMESPACE }, within);
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, async ({ path, suffix }) => {
        if (path.startsWith(GLOBAL)) return { contents: globalText(path.slice(GLOBAL.length)), loader: 'js' };
        const file = files.get(path);
        if (file === undefined)
          return { contents: await facadeOf(path, (suffix.slice(1) || 'app') as Importer), loader: 'js' };
        return {
          contents: adapted(path, await readFile(file, 'utf8')),
          loader: extname(file) === '.ts' ? 'ts' : 'js',
        };
      });
    },
  };
}

function globalText(name: string): string {
  return `export { ${name} } from '${PART}${PROVIDED_GLOBALS[name]}';`;
}
