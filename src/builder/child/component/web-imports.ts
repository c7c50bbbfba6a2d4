import { isBuiltin } from 'node:module';
import { relative } from 'node:path';
import type { OnResolveArgs, OnResolveResult, PluginBuild } from 'esbuild';
import type { ImportRule } from '../confinement.ts';
import { NATIVE_PACKAGES } from '../native-packages.ts';
import { packageOf } from '../package-of.ts';
import { refusal } from '../refusal.ts';
import { providedModule } from './builtins/node-modules.ts';
import { PROVIDED_MODULES } from './builtins/provided.ts';
import { refusalOf } from './builtins/refused.ts';

/** Marks a question of this rule to the bundler, which must not come back to it. */
const ASKED = Symbol('asked');

/**
 * What a component may import: of Node's modules those that are provided. As in Node they go before packages of the same name; what a
 * package says of itself for browsers goes before both. What else a package requires of Node is left to the bundler, which is content when the
 * package does without (`try { require('net') } catch {}`).
 *
 * @param root real path of the app's folder
 */
export function webImports(root: string): ImportRule {
  return async (args, build) => {
    if (args.pluginData === ASKED) return undefined;
    const { path } = args;
    const importer = packageOf(relative(root, args.importer));
    const isRequired = args.kind === 'require-call';
    if (!path.startsWith('node:') && !isBuiltin(path))
      return importer === null ? nativePackage(path) : undefined;
    if (importer !== null && (await isReplaced(importer, args, build))) return undefined;
    const name = path.replace(/^node:/, '');
    if (PROVIDED_MODULES.has(name)) {
      return providedModule(name, isRequired ? 'require' : importer === null ? 'app' : 'package');
    }
    if (isRequired && importer !== null) return leftToBundler(args, build);
    const { text, hint } = refusalOf(path);
    return refusal(text, hint);
  };
}

/** Does the package's own manifest put something in its place, or nothing at all (`"browser": { "fs": false }`)? */
async function isReplaced(importer: string, args: OnResolveArgs, build: PluginBuild): Promise<boolean> {
  const found = await ask(args, build);
  if (found.errors.length > 0) return false;
  return found.namespace !== 'file' || packageOf(found.path) === importer;
}

/** Not what lies in a package of that name. */
async function leftToBundler(args: OnResolveArgs, build: PluginBuild): Promise<OnResolveResult | undefined> {
  const { errors } = await ask(args, build);
  const { text, hint } = refusalOf(args.path);
  return errors.length > 0 ? undefined : refusal(text, hint);
}

function ask({ path, importer, namespace, resolveDir, kind }: OnResolveArgs, build: PluginBuild) {
  return build.resolve(path, { importer, namespace, resolveDir, kind, pluginData: ASKED });
}

function nativePackage(path: string): OnResolveResult | undefined {
  const name = packageOf(`node_modules/${path}`);
  if (path.startsWith('.') || name === null || !NATIVE_PACKAGES.has(name)) return undefined;
  return refusal(
    `"${path}" needs native code, which an app cannot load`,
    'Use a package of JavaScript that does the same, or run the app as `worker`, which has modules of Node for much of it.',
  );
}
