/** The part of the WebAssembly JavaScript API the tests use; Node's types declare almost none of it. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
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
