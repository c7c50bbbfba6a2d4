import { stat } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { relative, resolve } from 'node:path';
import type { OnResolveArgs, OnResolveResult, PluginBuild } from 'esbuild';
import { type AppTree, isOfApp } from '../app-tree.ts';
import type { ImportRule } from '../confinement.ts';
import { NATIVE_PACKAGES } from '../native-packages.ts';
import { packageOf } from '../package-of.ts';
import { refusal } from '../refusal.ts';
import { DENIED_MODULES } from './denied-modules.ts';

/** Marks a question of this rule to the bundler, which must not come back to it. */
const ASKED = Symbol('asked');

/**
 * What a module for Node may import. Node's own modules stay imports. Those of no use to an app are an error in its own source; in a
 * package they may serve something the app does not ask for, so they are a warning. What a package requires when it is called and is
 * not there is left to fail then, as in plain Node: packages try whether something optional is installed.
 *
 * @param tree where its files lie
 */
export function nodeImports(tree: AppTree): {
  readonly rule: ImportRule;
  readonly warnings: () => readonly string[];
} {
  const { root } = tree;
  const warnings = new Set<string>();
  const rule: ImportRule = (args, build) => {
    if (args.pluginData === ASKED) return undefined;
    const importer = packageOf(relative(root, args.importer));
    const { path } = args;
    if (path.startsWith('node:') || isBuiltin(path)) return nodeModule(path, importer, warnings);
    const native = nativePart(path);
    if (native !== undefined && (importer === null || !isLate(args))) return native;
    return importer !== null && isLate(args) ? ifThere(tree, args, build) : undefined;
  };
  return { rule, warnings: () => [...warnings].sort() };
}

function nodeModule(path: string, importer: string | null, warnings: Set<string>): OnResolveResult {
  const name = path.replace(/^node:/, '');
  if (!isBuiltin(path)) {
    return refusal(`There is no "${path}"`, `Node ${process.versions.node} has no such module.`);
  }
  const denied = DENIED_MODULES.get(name.split('/')[0] ?? name);
  if (denied !== undefined) {
    if (importer === null) return refusal(`"${path}" is of no use: an app ${denied.why}`, denied.instead);
    warnings.add(
      `${importer} imports node:${name}: an app ${denied.why}, so what needs that fails when it is called`,
    );
  }
  return { path: `node:${name}`, external: true };
}

function nativePart(path: string): OnResolveResult | undefined {
  const name = packageOf(`node_modules/${path}`);
  const instead = path.startsWith('.') || name === null ? undefined : NATIVE_PACKAGES.get(name);
  if (instead === undefined) return undefined;
  return refusal(`"${path}" needs native code, which an app cannot load`, instead);
}

/** Is it first looked for when that line is reached? */
function isLate({ kind }: OnResolveArgs): boolean {
  return kind === 'require-call' || kind === 'require-resolve' || kind === 'dynamic-import';
}

/** Left as it is when there is no such file or package in the app. Install scripts are off, so an add-on that they would build never is. */
async function ifThere(
  tree: AppTree,
  args: OnResolveArgs,
  build: PluginBuild,
): Promise<OnResolveResult | undefined> {
  const { path, importer, namespace, resolveDir, kind } = args;
  const missing = { path, external: true };
  if (path.startsWith('.')) {
    return path.endsWith('.node') && !(await exists(resolve(resolveDir, path))) ? missing : undefined;
  }
  const found = await build.resolve(path, { importer, namespace, resolveDir, kind, pluginData: ASKED });
  return found.errors.length > 0 || !isOfApp(tree, found.path) ? missing : undefined;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
