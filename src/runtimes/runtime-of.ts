import { runtimeError } from './errors.ts';
import type { Runtime, RuntimeDescription } from './runtime.ts';
import { wasmHttp } from './wasm-http/description.ts';

/** Every runtime of this version, and the way to its code. */
const RUNTIMES: readonly (readonly [RuntimeDescription, () => Promise<Runtime>])[] = [
  [wasmHttp, async () => (await import('./wasm-http/wasm-http-runtime.ts')).wasmHttpRuntime],
];

/** What this machine can run, and what it holds such apps to. Loads no code of a runtime. */
export function runtimesHere(): readonly RuntimeDescription[] {
  return RUNTIMES.map(([description]) => description);
}

/**
 * The runtime of a kind; its code is loaded by the first call.
 *
 * @throws TabbifyError `runtime_unknown` for a kind this version cannot run
 */
export async function runtimeOf(kind: Runtime['kind']): Promise<Runtime> {
  const found = RUNTIMES.find(([description]) => description.kind === kind);
  if (found !== undefined) return found[1]();
  throw runtimeError('runtime_unknown', {
    what: `This version of the platform cannot run ${kind}`,
    hint: 'Set runtime.type = "wasm-http" in tabbify.toml',
  });
}

/** Loads the code of every runtime that this process may be asked for, before it is. */
export async function preloadRuntimes(): Promise<void> {
  await Promise.all(RUNTIMES.map(([, load]) => load()));
}
