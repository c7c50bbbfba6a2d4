/**
 * The text of a port for this engine: `util.inspect` takes copies of the members of `Atomics` while it loads, which the engine has not.
 *
 * @param name of the file, e.g. `node_modules/node-inspect-extracted/dist/inspect.js`
 */
export function adapted(name: string, text: string): string {
  return name.startsWith('node_modules/node-inspect-extracted/') ? text.replace('["Atomics",', '[') : text;
}
