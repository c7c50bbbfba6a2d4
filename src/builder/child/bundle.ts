import { SourceMap } from 'node:module';
import { type BuildFailure, build, type Message } from 'esbuild';
import { fileOfApp } from '../app-file.ts';
import { builderError } from '../errors.ts';
import { confinement } from './confinement.ts';
import { GUEST_ENTRY, guestSource } from './guest-source.ts';

/** An app and its shim as one ES module that imports nothing but WASI. */
export interface Bundle {
  readonly code: string;
  readonly modules: number;
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
  try {
    const result = await build({
      entryPoints: [GUEST_ENTRY],
      absWorkingDir: root,
      bundle: true,
      write: false,
      outfile: `${root}/app.js`,
      format: 'esm',
      target: 'es2022',
      charset: 'utf8',
      platform: 'browser',
      // As other runtimes with web APIs on a server do, so that packages give out the right one of their builds.
      conditions: ['workerd', 'worker', 'browser'],
      mainFields: ['browser', 'module', 'main'],
      define: { 'process.env.NODE_ENV': '"production"' },
      // Given here, so that no tsconfig.json is looked for, inside the app's folder or above it.
      tsconfigRaw: { compilerOptions: { useDefineForClassFields: true } },
      jsx: 'automatic',
      jsxImportSource: 'hono/jsx',
      sourcemap: 'external',
      sourcesContent: false,
      metafile: true,
      logLevel: 'silent',
      plugins: [guestSource(path), confinement(root)],
    });
    const file = (suffix: string): string =>
      result.outputFiles.find((output) => output.path.endsWith(suffix))?.text ?? '';
    const map = new SourceMap(JSON.parse(file('.map')));
    return {
      code: file('.js'),
      modules: Object.keys(result.metafile.inputs).length,
      placeOf: (line, column) => placeIn(map, line, column),
    };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    throw bundleError(error.errors, main);
  }
}

async function mainModule(root: string, main: string): Promise<string> {
  const path = await fileOfApp(root, main);
  if (path !== null) return path;
  throw builderError('build_failed', {
    what: `The app's main module ${main} is not there`,
    why: "no such file lies in the app's folder (links that lead out of it are not followed)",
    hint: 'Name a file of the app as `main` under `[build]` in tabbify.toml.',
  });
}

function placeIn(map: SourceMap, line: number, column: number): string | null {
  const origin = map.findOrigin(line, column);
  if (!('fileName' in origin) || origin.fileName.startsWith('tabbify:')) return null;
  return `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`;
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && Array.isArray((error as Partial<BuildFailure>).errors);
}

function bundleError(messages: readonly Message[], main: string): Error {
  const [first] = messages;
  if (first === undefined) return new Error('the bundler failed without a message');
  if (/^No matching export in .* for import "default"$/.test(first.text)) {
    return builderError('build_failed', {
      what: `${main} has no default export`,
      why: 'the default export answers requests',
      hint: 'Write `export default { fetch(request, env) { return new Response("hello"); } };`.',
    });
  }
  const lines = messages.slice(0, 10).map(formatMessage);
  if (messages.length > lines.length) lines.push(`and ${messages.length - lines.length} more`);
  return builderError('build_failed', {
    what: lines[0] ?? first.text,
    ...(lines.length > 1 ? { why: `further errors:\n${lines.slice(1).join('\n')}` } : {}),
    hint: hintFor(first),
  });
}

/** `src/index.ts:3:14: Could not resolve "./x"`; line and column count from 1. */
function formatMessage({ text, location }: Message): string {
  if (location === null) return text;
  return `${location.file}:${location.line}:${location.column + 1}: ${text}`;
}

function hintFor(message: Message): string {
  if (message.pluginName !== '') return message.notes[0]?.text ?? 'Change the import.';
  const unresolved = /^Could not resolve "([^./][^"]*)"/.exec(message.text);
  if (unresolved) {
    return `Add it to "dependencies" (\`npm install ${unresolved[1]}\`) and commit package-lock.json; packages under "devDependencies" are not installed.`;
  }
  if (message.text.startsWith('Could not resolve'))
    return 'Check the path; it is relative to the importing file.';
  return 'Correct the source at that place.';
}
