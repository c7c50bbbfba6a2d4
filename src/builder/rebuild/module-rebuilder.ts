import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { type BuildContext, context } from 'esbuild';
import { TabbifyError } from '../../kit/index.ts';
import type { AppTree } from '../child/app-tree.ts';
import { bundleError } from '../child/bundle-error.ts';
import { mainModule } from '../child/main-module.ts';
import { moduleBundle, moduleOptions } from '../child/module/bundle-module.ts';
import { nodeImports } from '../child/module/node-imports.ts';
import { writeModule } from '../child/module/write-module.ts';
import { isOfSdk } from '../child/platform-sdk.ts';
import { packageFolderOf } from './package-folder.ts';
import type { NotRebuilt, Rebuilder, Rebuilt } from './rebuilder.ts';

type Context = BuildContext<ReturnType<typeof moduleOptions>>;

/**
 * Makes modules for Node in this process, as a build makes them: for whoever wrote the source himself, since nothing stands between the
 * bundler and this machine but its own rules.
 *
 * @param tree the app's folder, with its packages
 * @param main path of its main module
 */
export function rebuildModule(tree: AppTree, main: string): Rebuilder {
  let opened: { readonly path: string; readonly context: Context } | null = null;
  /** What may be imported is asked anew in each turn, as it remembers what it has warned of. */
  let rules = nodeImports(tree);

  async function contextFor(path: string): Promise<Context> {
    if (opened?.path === path) return opened.context;
    await opened?.context.dispose();
    const made = await context(moduleOptions(tree, path, (args, build) => rules.rule(args, build)));
    opened = { path, context: made };
    return made;
  }

  return {
    async rebuild(): Promise<Rebuilt | NotRebuilt> {
      rules = nodeImports(tree);
      try {
        const result = await (await contextFor(await mainModule(tree.root, main))).rebuild();
        const bundle = moduleBundle(result, rules.warnings());
        const inputs = Object.keys(result.metafile.inputs);
        return {
          kind: 'built',
          digest: createHash('sha256').update(bundle.code).update(bundle.map).digest('hex'),
          ...{ bytes: bundle.code.length, modules: bundle.modules, warnings: bundle.warnings },
          files: new Set(
            inputs
              .filter((name) => packageFolderOf(name) === null && !isOfSdk(name))
              .map((name) => resolve(tree.root, name)),
          ),
          packages: [...new Set(inputs.flatMap((name) => packageFolderOf(name) ?? []))].sort(),
          write: (folder) => writeModule(folder, bundle),
        };
      } catch (error) {
        const told = bundleError(error) ?? error;
        if (told instanceof TabbifyError && told.status < 500) return { kind: 'failed', error: told };
        throw told;
      }
    },
    async close() {
      await opened?.context.dispose();
      opened = null;
    },
  };
}
