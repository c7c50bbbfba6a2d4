import type { Manifest } from '../app/index.ts';
import type { RuntimeDescription, RuntimesHere } from '../runtimes/index.ts';
import { devError } from './errors.ts';

/** Runtimes that an app can be served with while it is written. */
export type DevRuntime = 'worker' | 'wasm-http';

/** What an app is served with. */
export interface ChosenRuntime {
  readonly kind: DevRuntime;
  readonly description: RuntimeDescription;
  /** Why it is not the one that it would get elsewhere; null: it is. */
  readonly standsIn: string | null;
}

/**
 * The runtime of an app on this machine, chosen as an office does: another one stands in for one that cannot be had only where nobody has
 * named that.
 *
 * @param asked on the command line; null: what the manifest says
 * @throws TabbifyError `dev_runtime_refused`
 */
export function chooseRuntime(
  manifest: Manifest,
  { runtimes, refused }: RuntimesHere,
  asked: DevRuntime | null,
): ChosenRuntime {
  const { type, typeDeclared } = manifest.runtime;
  const wanted = asked ?? type;
  if (wanted !== 'worker' && wanted !== 'wasm-http') {
    throw devError('dev_runtime_refused', {
      what: `An app for ${wanted} cannot be served while it is written`,
      why: '`tcli dev` runs TypeScript, JavaScript and WebAssembly components',
      hint: 'Set runtime.type = "worker" or "wasm-http" in tabbify.toml, or try it with `--runtime worker`.',
    });
  }
  if (manifest.build.main === null && wanted === 'worker') {
    throw devError('dev_runtime_refused', {
      what: 'There is no module to run as `worker`',
      why: 'the app ships a component',
      hint: 'Run it as wasm-http, or name a module as `main` under `[build]` in tabbify.toml.',
    });
  }
  const found = runtimes.find(({ kind }) => kind === wanted);
  if (found !== undefined) return { kind: wanted, description: found, standsIn: null };
  const refusal = refused.find(({ kind }) => kind === wanted);
  const instead = runtimes.find(({ kind }) => kind === 'wasm-http');
  const isNamed = asked !== null || typeDeclared;
  if (isNamed || instead === undefined) {
    throw devError('dev_runtime_refused', {
      what: `This machine does not run ${wanted}`,
      why: refusal?.why ?? 'it has no sandbox for it',
      hint: refusal?.hint ?? 'See `tabbify doctor`.',
    });
  }
  const standsIn = `this machine has no sandbox for ${wanted} (${refusal?.why ?? 'see `tabbify doctor`'}), so the app runs as wasm-http`;
  return { kind: 'wasm-http', description: instead, standsIn };
}
