interface CoreImport {
  readonly module: string;
  readonly name: string;
}

/** Imports and exports of a core module, in their order. */
export interface CoreModule {
  readonly imports: readonly CoreImport[];
  readonly exports: readonly { readonly name: string }[];
}

export function readCore(bytes: Uint8Array): CoreModule {
  const { Module } = webAssembly;
  const module = new Module(bytes);
  return { imports: Module.imports(module), exports: Module.exports(module) };
}

/** Node's types declare no constructors of the WebAssembly API. */
const webAssembly = (
  globalThis as unknown as {
    readonly WebAssembly: {
      readonly Module: {
        new (bytes: Uint8Array): object;
        imports(module: object): CoreImport[];
        exports(module: object): { readonly name: string }[];
      };
    };
  }
).WebAssembly;
