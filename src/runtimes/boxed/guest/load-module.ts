import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname } from 'node:path';

/** Where the module seems to lie; there is no such file. */
const APP_PATH = '/app/app.mjs';
/** Its stacks name places as `file:///app/app.mjs:LINE:COLUMN`. */
const APP_URL = `file://${APP_PATH}`;

/**
 * Has the module seem to be what Node was started with: some apps open their server only then. They look for their files beside
 * themselves, and hear there that there are none, while of other folders they would hear that they may not look.
 */
export function seemProgram(): void {
  process.argv[1] = APP_PATH;
  const folder = dirname(APP_PATH);
  if (existsSync(folder)) process.chdir(folder);
}

/**
 * Evaluates an ES module of which there is no file.
 *
 * @param source in UTF-8; imports nothing but Node's own modules
 * @returns what it exports, once its top-level awaits are through
 * @throws whatever the module throws, or the SyntaxError of its source
 */
export async function loadModule(source: Buffer): Promise<Readonly<Record<string, unknown>>> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === APP_URL
        ? { url: APP_URL, format: 'module', shortCircuit: true }
        : next(specifier, context),
    load: (url, context, next) =>
      url === APP_URL
        ? { format: 'module', source: source.toString(), shortCircuit: true }
        : next(url, context),
  });
  try {
    return await import(APP_URL);
  } finally {
    hooks.deregister();
  }
}
