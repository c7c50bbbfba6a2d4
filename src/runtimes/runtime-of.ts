import { runtimeError } from './errors.ts';
import type { Runtime } from './runtime.ts';

/**
 * The runtime of a kind; its code is loaded by the first call.
 *
 * @throws TabbifyError `runtime_unknown` for a kind this version cannot run
 */
export async function runtimeOf(kind: Runtime['kind']): Promise<Runtime> {
  if (kind === 'wasm-http') return (await import('./wasm-http/wasm-http-runtime.ts')).wasmHttpRuntime;
  throw runtimeError('runtime_unknown', {
    what: `This version of the platform cannot run ${kind}`,
    hint: 'Set runtime.type = "wasm-http" in tabbify.toml',
  });
}

/** Loads the code of every runtime that this process may be asked for, before it is. */
export async function preloadRuntimes(): Promise<void> {
  await runtimeOf('wasm-http');
}
