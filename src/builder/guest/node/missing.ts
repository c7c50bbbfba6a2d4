/**
 * Stands for a function of a module of Node that a component lacks: there when a package looks whether it is, and says what to do when
 * it is called.
 */
export function missing(module: string, member: string, instead: string): () => never {
  return function notThere(): never {
    throw new Error(`${member} of node:${module} is not there as wasm-http. ${instead}`);
  };
}

/** Adds such functions to what `require` and a default import give. */
export function withMissing<Target extends object>(
  target: Target,
  module: string,
  members: Readonly<Record<string, string>>,
): Target {
  for (const [name, instead] of Object.entries(members)) {
    if (name in target) continue;
    const value = missing(module, name, instead);
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }
  return target;
}
