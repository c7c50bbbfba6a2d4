import { type BuildOptions, type BuildResult, build } from 'esbuild';
import type { AppTree } from '../app-tree.ts';
import { bundleError, warningTexts } from '../bundle-error.ts';
import { bundlerOptions, DEFINED } from '../bundler-options.ts';
import { confinement, type ImportRule } from '../confinement.ts';
import { mainModule } from '../main-module.ts';
import { mainOfProgram } from './main-of-program.ts';
import { nodeImports } from './node-imports.ts';

/** An app and its packages as one ES module that imports nothing but Node's own modules. */
export interface ModuleBundle {
  readonly code: Uint8Array;
  /** Source map, version 3; paths are relative to the app's folder. */
  readonly map: Uint8Array;
  readonly modules: number;
  /** Doubtful places of the app's source, and packages that import what an app cannot use, each with what that means. */
  readonly warnings: readonly string[];
}

/** Where the module seems to lie when it runs; there is no such file. */
const PLACE = { folder: '/app', file: '/app/app.mjs' };

/**
 * What CommonJS packages expect to find around them. Names that the app declares itself are renamed by the bundler, except those
 * of this line, which is why they look as they do.
 */
const BANNER = `import { createRequire as __tabbifyCreateRequire } from 'node:module';
const require = __tabbifyCreateRequire('${PLACE.file}');`;

/**
 * Bundles an app's main module for Node. Its exports are those of the main module, whatever they are: who serves is decided when
 * it is loaded.
 *
 * @param root real path of the app's folder; nothing outside it is read
 * @param main path of the module inside `root`
 * @throws TabbifyError `build_failed` with file, line and column
 */
export async function bundleModule(root: string, main: string): Promise<ModuleBundle> {
  const path = await mainModule(root, main);
  const tree = { root, packages: null };
  const rules = nodeImports(tree);
  try {
    return moduleBundle(await build(moduleOptions(tree, path, rules.rule)), rules.warnings());
  } catch (error) {
    throw bundleError(error) ?? error;
  }
}

/**
 * What the bundler is told to make a module for Node, by whoever asks it: a build, or one that is done again after each change.
 *
 * @param path real path of the main module
 * @param rule of `nodeImports`
 */
export function moduleOptions(tree: AppTree, path: string, rule: ImportRule) {
  const { root } = tree;
  return {
    ...bundlerOptions(tree),
    entryPoints: [path],
    outfile: `${root}/app.mjs`,
    // With Node's own fields and conditions of a package: the same files run as in plain Node.
    platform: 'node',
    target: 'node26',
    keepNames: true,
    define: {
      ...DEFINED,
      __dirname: JSON.stringify(PLACE.folder),
      __filename: JSON.stringify(PLACE.file),
    },
    banner: { js: BANNER },
    plugins: [mainOfProgram(path), confinement(tree, rule)],
  } as const satisfies BuildOptions;
}

/** @param warnings of `nodeImports` */
export function moduleBundle(
  result: BuildResult<{ write: false; metafile: true }>,
  warnings: readonly string[],
): ModuleBundle {
  const file = (suffix: string): Uint8Array =>
    result.outputFiles.find((output) => output.path.endsWith(suffix))?.contents ?? new Uint8Array();
  return {
    code: file('.mjs'),
    map: file('.map'),
    modules: Object.keys(result.metafile.inputs).length,
    warnings: [...warningTexts(result.warnings), ...warnings],
  };
}
