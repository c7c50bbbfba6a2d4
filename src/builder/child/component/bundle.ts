import { SourceMap } from 'node:module';
import { type BuildOptions, type BuildResult, build, type Plugin } from 'esbuild';
import { builderError } from '../../errors.ts';
import type { AppTree } from '../app-tree.ts';
import { bundleError, lacksDefaultExport, warningTexts } from '../bundle-error.ts';
import { bundlerOptions, DEFINED } from '../bundler-options.ts';
import { confinement, type Look } from '../confinement.ts';
import { mainModule } from '../main-module.ts';
import { INJECTED } from './builtins/globals.ts';
import { nodeModules } from './builtins/node-modules.ts';
import { rewordMissing } from './builtins/reword-missing.ts';
import { GUEST_ENTRY, guestSource } from './guest-source.ts';
import { doubtfulPlaces } from './scan/doubtful-places.ts';
import { webImports } from './web-imports.ts';

/** An app and its shim as one ES module that imports nothing but WASI. */
export interface Bundle {
  readonly code: string;
  readonly modules: number;
  /** Source map, version 3; paths are relative to the app's folder. */
  readonly map: string;
  /** Places of the app's source that use what a component lacks, each with what to do. */
  readonly warnings: readonly string[];
  /** Where a place in the bundle (both count from 1) stands in the app's source: `src/index.ts:3:7`. */
  readonly placeOf: (line: number, column: number) => string | null;
}

/**
 * Bundles an app's main module.
 *
 * @param root real path of the app's folder; nothing outside it is read
 * @param main path of the module inside `root`
 * @throws TabbifyError `build_failed` with file, line and column
 */
export async function bundleApp(root: string, main: string): Promise<Bundle> {
  const path = await mainModule(root, main);
  const tree = { root, packages: null };
  const doubts = doubtfulPlaces();
  try {
    const result = await build(componentOptions(tree, guestSource(path), doubts.look));
    return componentBundle(result, doubts.warnings());
  } catch (error) {
    throw componentBundleError(error, main);
  }
}

/**
 * What the bundler is told to make the module of a component, by whoever asks it: a build, or one that is done again after each change.
 *
 * @param guest supplies the entry module
 */
export function componentOptions(tree: AppTree, guest: Plugin, look: Look) {
  return {
    ...bundlerOptions(tree),
    entryPoints: [GUEST_ENTRY],
    outfile: `${tree.root}/app.js`,
    target: 'es2022',
    platform: 'browser',
    // As other runtimes with web APIs on a server do, so that packages give out the right one of their builds.
    conditions: ['workerd', 'worker', 'browser'],
    mainFields: ['browser', 'module', 'main'],
    define: { ...DEFINED, global: 'globalThis' },
    inject: INJECTED,
    plugins: [nodeModules(), guest, confinement(tree, webImports(tree.root), look)],
  } as const satisfies BuildOptions;
}

/** @param doubts places of the app's source that use what a component lacks */
export function componentBundle(
  result: BuildResult<{ write: false; metafile: true }>,
  doubts: readonly string[],
): Bundle {
  const file = (suffix: string): string =>
    result.outputFiles.find((output) => output.path.endsWith(suffix))?.text ?? '';
  const text = file('.map');
  const map = new SourceMap(JSON.parse(text));
  return {
    code: file('.js'),
    map: text,
    warnings: [...warningTexts(result.warnings, rewordMissing), ...doubts],
    modules: Object.keys(result.metafile.inputs).length,
    placeOf: (line, column) => placeIn(map, line, column),
  };
}

/** What kept an app from being bundled, in words for its author. */
export function componentBundleError(error: unknown, main: string): unknown {
  return lacksDefaultExport(error) ? noDefaultExport(main) : (bundleError(error, rewordMissing) ?? error);
}

function placeIn(map: SourceMap, line: number, column: number): string | null {
  const origin = map.findOrigin(line, column);
  if (!('fileName' in origin) || origin.fileName.startsWith('tabbify:')) return null;
  return `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`;
}

function noDefaultExport(main: string): Error {
  return builderError('build_failed', {
    what: `${main} has no default export`,
    why: 'the default export answers requests',
    hint: 'Write `export default { fetch(request, env) { return new Response("hello"); } };`.',
  });
}
