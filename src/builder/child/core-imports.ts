/** `<module>#<name>` of everything the core modules import, as the canonical ABI names it. */
export function coreImports(cores: Iterable<Uint8Array>): Set<string> {
  const names = new Set<string>();
  for (const bytes of cores) {
    for (const { module, name } of webAssembly.Module.imports(new webAssembly.Module(bytes))) {
      names.add(`${module}#${name}`);
    }
  }
  return names;
}

/** Node's types declare no constructors of the WebAssembly API. */
const webAssembly = (
  globalThis as unknown as {
    readonly WebAssembly: {
      readonly Module: {
        new (bytes: Uint8Array): object;
        imports(module: object): { readonly module: string; readonly name: string }[];
      };
    };
  }
).WebAssembly;
