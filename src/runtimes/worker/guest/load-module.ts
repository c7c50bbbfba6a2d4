import { registerHooks } from 'node:module';

/** Where the module seems to lie; there is no such file. */
export const APP_PATH = '/app/app.mjs';
/** Its stacks name places as `file:///app/app.mjs:LINE:COLUMN`. */
const APP_URL = `file://${APP_PATH}`;

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
