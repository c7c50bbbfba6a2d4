import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type BuildContext, context } from 'esbuild';
import { TabbifyError } from '../../../kit/index.ts';
import { ARTIFACT_FILE, LOAD_FAILED, type WasmHttpArtifact } from '../../artifact-format.ts';
import { packageFolderOf } from '../../rebuild/package-folder.ts';
import type { NotRebuilt, Rebuilder, Rebuilt } from '../../rebuild/rebuilder.ts';
import type { AppTree } from '../app-tree.ts';
import type { Look } from '../confinement.ts';
import { mainModule } from '../main-module.ts';
import { type Bundle, componentBundle, componentBundleError, componentOptions } from './bundle.ts';
import { guestSource, TAKE } from './guest-source.ts';
import { engineLoadError } from './load-error.ts';
import { doubtfulPlaces } from './scan/doubtful-places.ts';

const BUNDLE = 'app.js';
const MAP = 'app.js.map';

/** A function around the bundle: what an engine evaluates, with top-level `await` and in strict mode as a module has them. */
const BEFORE = `(async (${TAKE}) => {"use strict";`;
const BEHIND = '})';
/** The engine has no `import.meta`; a module that does not come to it is content without. */
const NO_META = { 'import.meta': 'import_meta' };

/** Names of what the platform puts into a bundle. */
const OURS = /^(?:node|tabbify|tabbify-sdk):/;

type Context = BuildContext<ReturnType<typeof optionsFor>>;

/**
 * Makes components of an app's source again and again, by putting its bundle beside an engine that loads it: with what a build asks of
 * the bundler, and its words for what is wrong.
 *
 * @param tree the app's folder, with its packages
 * @param main path of its main module
 * @param engine folder of an engine's artifact (`prepareEngine`), asked for when an artifact is written
 */
export function rebuildForEngine(tree: AppTree, main: string, engine: () => Promise<string>): Rebuilder {
  let opened: { readonly path: string; readonly context: Context } | null = null;
  let doubts = doubtfulPlaces();

  async function contextFor(path: string): Promise<Context> {
    if (opened?.path === path) return opened.context;
    await opened?.context.dispose();
    const made = await context(optionsFor(tree, path, (...file) => doubts.look(...file)));
    opened = { path, context: made };
    return made;
  }

  return {
    async rebuild(): Promise<Rebuilt | NotRebuilt> {
      doubts = doubtfulPlaces();
      try {
        const result = await (await contextFor(await mainModule(tree.root, main))).rebuild();
        const bundle = componentBundle(result, doubts.warnings());
        const inputs = Object.keys(result.metafile.inputs).filter((name) => !OURS.test(name));
        const { modules, warnings } = bundle;
        return {
          kind: 'built',
          digest: createHash('sha256').update(bundle.code).update(bundle.map).digest('hex'),
          ...{ bytes: bundle.code.length, modules, warnings },
          files: new Set(inputs.filter(isOwnFile).map((name) => resolve(tree.root, name))),
          packages: [...new Set(inputs.flatMap((name) => packageFolderOf(name) ?? []))].sort(),
          write: async (folder) => writeLoaded(folder, await engine(), bundle),
          explain: (error) => explained(error, bundle),
        };
      } catch (error) {
        const told = componentBundleError(error, main);
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

function optionsFor(tree: AppTree, path: string, look: Look) {
  const options = componentOptions(tree, guestSource(path, 'loaded'), look);
  return {
    ...options,
    banner: { js: BEFORE },
    footer: { js: BEHIND },
    define: { ...options.define, ...NO_META },
  };
}

/** A file of the app's folder, not of a package. */
function isOwnFile(input: string): boolean {
  return packageFolderOf(input) === null;
}

/** What was told of a start, in the words of a build where the app itself was what failed. */
function explained(error: unknown, bundle: Bundle): unknown {
  if (!(error instanceof TabbifyError)) return error;
  const { why = '' } = error;
  const at = why.indexOf(LOAD_FAILED);
  return at < 0 ? error : engineLoadError(why.slice(at + LOAD_FAILED.length), bundle);
}

/** The engine's files are linked: 14 MB that nobody writes to. */
async function writeLoaded(folder: string, engine: string, { code, map }: Bundle): Promise<void> {
  const text = await readFile(join(engine, ARTIFACT_FILE), 'utf8');
  const record = JSON.parse(text) as WasmHttpArtifact;
  await mkdir(folder, { recursive: true });
  for (const name of [record.glue, ...record.cores]) await linkOrCopy(join(engine, name), join(folder, name));
  const loaded: WasmHttpArtifact = { ...record, map: MAP, bundle: BUNDLE };
  await writeFile(join(folder, BUNDLE), code);
  await writeFile(join(folder, MAP), map);
  await writeFile(join(folder, ARTIFACT_FILE), JSON.stringify(loaded));
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    await copyFile(from, to, constants.COPYFILE_FICLONE); // another file system, or one without links
  }
}
