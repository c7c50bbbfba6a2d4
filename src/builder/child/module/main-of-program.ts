import { readFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { type Plugin, transform } from 'esbuild';
import { LOADERS } from '../loaders.ts';

/** What a module asks that does something only when it is the program: `import.meta.main`, or `require.main === module`. */
const ASKS = /\bimport\s*\.\s*meta\s*\.\s*main\b|\brequire\s*\.\s*main\b/;
/** A module by its syntax; one that has none of it is CommonJS. */
const HAS_MODULE_SYNTAX = /^\s*(?:import\s*[\w$*{'"]|export\s*[\w$*{])/m;

/**
 * Has the app's main module know that it is the main one, as it is when Node is started with it. Of a bundle only the whole could be that,
 * packages in it included, which would then begin what they do on a command line.
 *
 * @param path of the main module, inside the app's folder
 */
export function mainOfProgram(path: string): Plugin {
  return {
    name: 'tabbify-main-of-program',
    setup(build) {
      const { jsx, jsxImportSource, tsconfigRaw, target } = build.initialOptions;
      build.onLoad({ filter: /.*/, namespace: 'file' }, async (args) => {
        const loader = LOADERS[extname(path).toLowerCase()];
        if (args.path !== path || loader === undefined) return undefined;
        const source = await readFile(path, 'utf8');
        if (!ASKS.test(source)) return undefined;
        try {
          const { code } = await transform(source, {
            loader,
            sourcefile: path,
            sourcemap: 'inline',
            sourcesContent: false,
            charset: 'utf8',
            logLevel: 'silent',
            define: answersFor(source),
            ...(jsx !== undefined && { jsx: 'preserve' }),
            ...(jsxImportSource !== undefined && { jsxImportSource }),
            ...(tsconfigRaw !== undefined && { tsconfigRaw }),
            ...(target !== undefined && { target }),
          });
          return {
            contents: code,
            loader: loader === 'tsx' || loader === 'jsx' ? 'jsx' : 'js',
            resolveDir: dirname(path),
          };
        } catch {
          return undefined; // the bundler says what is wrong with it
        }
      });
    },
  };
}

/** In a module neither `require.main` nor `module` is anything; where it compares them it means to be the program. */
function answersFor(source: string): Record<string, string> {
  const answers = { 'import.meta.main': 'true' };
  return HAS_MODULE_SYNTAX.test(source)
    ? { ...answers, 'require.main': 'undefined', module: 'undefined' }
    : { ...answers, 'require.main': 'module' };
}
