import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  type Diagnostic,
  describeCapability,
  formatDiagnostic,
  MANIFEST_FILE,
  MANIFEST_FILES,
  type Manifest,
  parseManifest,
  requestedCapabilities,
  strictDiagnostics,
  unusedRequests,
} from '../../app/index.ts';
import { cliError } from '../errors.ts';
import { shellWord } from '../terminal/prose.ts';

/** An app's folder as it was read. */
export interface AppSource {
  /** Absolute path of the folder. */
  readonly root: string;
  /** Name of the manifest in it. */
  readonly manifestFile: string;
  readonly manifestText: string;
  /** Null when a diagnostic is an error. */
  readonly manifest: Manifest | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the manifest of a folder and checks that the file it builds or runs is there, and the folder it serves.
 *
 * @param dir relative to `cwd` or absolute
 * @param strict every warning counts as an error
 * @throws TabbifyError `app_folder` when there is no folder or no manifest
 */
export async function readAppSource(cwd: string, dir: string, strict: boolean): Promise<AppSource> {
  const root = resolve(cwd, dir);
  const { file, text: manifestText } = await readManifestText(root, dir);
  const parsed = parseManifest(manifestText, {
    file,
    hasComponent: await isFile(join(root, 'app.wasm')),
  });
  const missing =
    parsed.manifest === null ? [] : await whatIsMissing(root, parsed.manifest, file, manifestText);
  const found = [...parsed.diagnostics, ...missing];
  const diagnostics = strict ? strictDiagnostics(found) : found;
  const wrong = diagnostics.some((each) => each.severity === 'error');
  return { root, manifestFile: file, manifestText, manifest: wrong ? null : parsed.manifest, diagnostics };
}

/** The manifest, or an error that shows every finding with its place. */
export function manifestOf(source: AppSource, dir: string): Manifest {
  if (source.manifest !== null) return source.manifest;
  const errors = source.diagnostics.filter((each) => each.severity === 'error');
  throw cliError('manifest_invalid', {
    what: `${join(dir, source.manifestFile)} has ${errors.length === 1 ? 'an error' : `${errors.length} errors`}`,
    why: errors.map((each) => formatDiagnostic(each, source.manifestText)).join('\n'),
    hint: `Mend it and run \`tcli validate ${shellWord(dir)}\`.`,
  });
}

/** What the office will say about the manifest: warnings, what a person has to allow, and what has no effect. */
export function warningTexts(source: AppSource): string[] {
  const found = source.diagnostics.filter((each) => each.severity === 'warning');
  const unused = source.manifest === null ? [] : unusedRequests(source.manifest);
  const waiting = source.manifest === null ? [] : waitingRequests(source.manifest);
  return [
    ...found.map((each) => (each.hint === null ? each.message : `${each.message}; ${each.hint}`)),
    ...waiting
      .filter((key) => !unused.includes(key))
      .map((key) => `\`${key}\` waits for a person’s yes, where the app has not got it yet`),
    ...unused.map((key) => `\`${key}\` has no effect in this version yet`),
  ];
}

/** Keys of what is asked for and has to be granted, each once. Who may call the app, a push says anyway. */
function waitingRequests(manifest: Manifest): readonly string[] {
  const keys = requestedCapabilities(manifest, 'default').map((each) => describeCapability(each).key);
  return [...new Set(keys)].filter((key) => key !== 'app.visibility');
}

/** The first manifest that is there: the older format counts where the newer one is missing. */
async function readManifestText(root: string, dir: string): Promise<{ file: string; text: string }> {
  for (const file of MANIFEST_FILES) {
    try {
      return { file, text: await readFile(join(root, file), 'utf8') };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    }
  }
  const folder = await stat(root).catch(() => null);
  if (folder === null || !folder.isDirectory()) {
    throw cliError('app_folder', {
      what: `${dir} is not an app's folder`,
      why: folder === null ? `there is no ${root}` : 'it is a file',
      hint: `Name the folder that holds ${MANIFEST_FILE}, or make a new app: \`tcli init ${shellWord(dir)}\`.`,
    });
  }
  throw cliError('app_folder', {
    what: `${dir === '.' ? 'This folder' : dir} has no ${MANIFEST_FILE}`,
    why: `that file makes a folder an app, and ${root} is none`,
    hint: `Name the app's folder, or make one: \`tcli init ${dir === '.' ? 'my-app' : shellWord(dir)}\`.`,
  });
}

/** The module to build, or the component to run, has to be there, and static files. */
async function whatIsMissing(
  root: string,
  { build, runtime }: Manifest,
  manifestFile: string,
  text: string,
): Promise<Diagnostic[]> {
  const { main, kind, assets } = build;
  const file = kind === 'js' ? main : kind === 'wasm' ? (main ?? runtime.entry) : null;
  const missing: Diagnostic[] = [];
  const tell = (key: string, message: string, hint: string) => {
    const line = text.split('\n').findIndex((each) => new RegExp(`^\\s*${key}\\s*=`).test(each));
    const column = line < 0 ? 0 : (text.split('\n')[line]?.indexOf(key) ?? 0);
    const place = { file: manifestFile, line: Math.max(line, 0) + 1, column: column + 1 };
    missing.push({ severity: 'error', ...place, message, hint });
  };
  if (file !== null && !(await isFile(join(root, file)))) {
    const what = `there is no file \`${file}\``;
    if (main === null) tell('entry', what, 'put the component there, or name it in `runtime.entry`');
    else tell('main', what, 'write it, or name another one in `build.main`');
  }
  if (assets !== null && !(await isFolder(join(root, assets)))) {
    const hint = 'put the static files there, build them first, or name another folder in `build.assets`';
    tell('assets', `there is no folder \`${assets}\``, hint);
  }
  return missing;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false;
}
