import { readCore } from './core-module.ts';

/** `<module>#<name>` of everything the core modules import, as the canonical ABI names it. */
export function coreImports(cores: Iterable<Uint8Array>): Set<string> {
  const names = new Set<string>();
  for (const bytes of cores) {
    for (const { module, name } of readCore(bytes).imports) names.add(`${module}#${name}`);
  }
  return names;
}
