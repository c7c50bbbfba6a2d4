import { messageOf } from '../../../kit/index.ts';
import { builderError } from '../../errors.ts';

interface CoreImport {
  readonly module: string;
  readonly name: string;
}

/** Imports and exports of a core module, in their order. */
export interface CoreModule {
  readonly imports: readonly CoreImport[];
  readonly exports: readonly { readonly name: string }[];
}

/** @throws TabbifyError `build_failed` when the engine that is to run it does not take it */
export function readCore(bytes: Uint8Array): CoreModule {
  const { Module } = webAssembly;
  try {
    const module = new Module(bytes);
    return { imports: Module.imports(module), exports: Module.exports(module) };
  } catch (error) {
    throw builderError('build_failed', {
      what: 'A core module of the component cannot be run here',
      why: messageOf(error),
      hint: 'Compile it without what is named there (WebAssembly 2.0 with SIMD and tail calls is supported).',
      cause: error,
    });
  }
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
