/** The part of the WebAssembly JavaScript API the tests use; Node's types declare almost none of it. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  readonly Module: {
    new (bytes: Uint8Array): object;
    exports(module: object): { readonly name: string }[];
  };
  readonly Instance: new (module: object, imports: object) => { readonly exports: Exports };
  readonly Memory: new (limits: { initial: number; maximum: number }) => Memory;
  readonly RuntimeError: new () => Error;
  readonly LinkError: new () => Error;
}

export type Exports = Readonly<Record<string, unknown>>;

export interface Memory {
  readonly buffer: ArrayBuffer;
}

export interface Global<Value> {
  value: Value;
}

export const wasm = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

/** The names a valid module exports. */
export function exportsOf(bytes: Uint8Array): string[] {
  return wasm.Module.exports(new wasm.Module(bytes)).map(({ name }) => name);
}
