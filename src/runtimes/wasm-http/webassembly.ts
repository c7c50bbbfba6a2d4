/** The part of the JavaScript API of WebAssembly that is used here; TypeScript has it in its DOM library only. */
export interface WasmApi {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule, imports?: WasmImports) => WasmInstance;
  /** Sizes are in pages of 64 KiB. */
  readonly Memory: new (size: {
    readonly initial: number;
    readonly maximum?: number;
  }) => WasmMemory;
}

declare const brand: unique symbol;
export interface WasmModule {
  readonly [brand]: 'module';
}

export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** @throws RangeError when there is no more */
  grow(pages: number): number;
}

/** A mutable global of type i64. */
export interface WasmCounter {
  value: bigint;
}

/** By module, then by name: functions, suspending functions (objects), memories, tables, globals. */
export type WasmImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export const webAssembly = (globalThis as unknown as { WebAssembly: WasmApi }).WebAssembly;
