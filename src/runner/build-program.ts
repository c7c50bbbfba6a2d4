import { dirname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as esbuild, type Plugin, stop } from 'esbuild';

/** All of ours lies in here. */
const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Namespace of node's own modules in the bundler. */
const BUILTIN = 'builtin';
/** A module of ours, by its specifier. */
const SOURCE = /^\.{1,2}\//;

/** A program as one module. */
export interface BuiltProgram {
  readonly name: string;
  readonly code: Uint8Array;
  /** Absolute paths of all files it was made of. */
  readonly inputs: readonly string[];
}

/**
 * Bundles programs, each into one module. Loaded only when there is something to build, since it brings the bundler along.
 *
 * @param programs name, and absolute path of the main module, of each
 */
export async function build(
  programs: readonly (readonly [name: string, entry: string])[],
): Promise<readonly BuiltProgram[]> {
  try {
    return await Promise.all(programs.map(([name, entry]) => buildOne(name, entry)));
  } finally {
    await stop(); // its helper process is not to idle beside the office
  }
}

async function buildOne(name: string, entry: string): Promise<BuiltProgram> {
  const result = await esbuild({
    entryPoints: [entry],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'silent',
    tsconfigRaw: {},
    plugins: [dropUnused(ROOT), requireBuiltins()],
  });
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error('the bundler wrote nothing');
  const inputs = [...Object.keys(result.metafile.inputs).filter(isFile), ...ownFiles()];
  return { name, code: output.contents, inputs: inputs.map((path) => resolve(ROOT, path)) };
}

function isFile(input: string): boolean {
  return !input.startsWith(`${BUILTIN}:`);
}

/** The bundler and the way it is used decide the output as well. */
function ownFiles(): readonly string[] {
  return [fileURLToPath(import.meta.url), fileURLToPath(import.meta.resolve('esbuild/package.json'))];
}

/**
 * Tells the bundler that a module of ours, which nothing is used of, may be left out with all it imports.
 * Without this one line of `kit/index.ts` would bring the office's logger into every runner.
 */
function dropUnused(root: string): Plugin {
  return {
    name: 'drop-unused',
    setup(bundler) {
      bundler.onResolve({ filter: SOURCE }, async (args) => {
        if (args.pluginData === 'resolved' || args.importer.includes(`${sep}node_modules${sep}`)) return null;
        const found = await bundler.resolve(args.path, {
          importer: args.importer,
          resolveDir: args.resolveDir,
          kind: args.kind,
          pluginData: 'resolved',
        });
        if (found.errors.length > 0 || !found.path.startsWith(`${root}${sep}`)) return found;
        return { ...found, sideEffects: false };
      });
    },
  };
}

/** What is used of `node:crypto`; another name is told when the program is built. */
const OF_CRYPTO = [
  'createHash',
  'randomBytes',
  'randomFillSync',
  'randomUUID',
  'timingSafeEqual',
  'getRandomValues',
];

/** It takes 5 ms to load, and on the way of a cold start nothing of it is called before a box is being built. */
const CRYPTO_WHEN_CALLED = `
  let loaded;
  const crypto = () => (loaded ??= process.getBuiltinModule('node:crypto'));
  ${OF_CRYPTO.map((name) => `export const ${name} = (...args) => crypto().${name}(...args);`).join('\n')}
`;

/**
 * The bundler copies all that a module has, name by name, wherever one is imported: for node's own 8 ms of each cold start. What has nothing itself,
 * and all by its prototype, is not copied; a name is read when it is used, as ever. A module that is a function stays what it is.
 */
function builtin(path: string): string {
  return `
    const it = process.getBuiltinModule(${JSON.stringify(path)});
    module.exports = typeof it === 'function' ? it : Object.create(it, { __esModule: { value: true }, default: { value: it } });
  `;
}

/**
 * Takes node's own modules by `getBuiltinModule`. An `import` of one evaluates every export, and those of `node:http`
 * include a lazy WebSocket client: 27 ms of each cold start for something a runner never uses, measured on Node 26.
 */
function requireBuiltins(): Plugin {
  return {
    name: 'require-builtins',
    setup(bundler) {
      bundler.onResolve({ filter: /^node:/ }, ({ path }) => ({
        path,
        namespace: BUILTIN,
        sideEffects: false,
      }));
      bundler.onLoad({ filter: /.*/, namespace: BUILTIN }, ({ path }) => ({
        contents: path === 'node:crypto' ? CRYPTO_WHEN_CALLED : builtin(path),
        loader: 'js',
      }));
    },
  };
}
