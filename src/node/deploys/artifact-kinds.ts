import { type ArtifactKind, artifactKindOf, builderDigest } from '../../builder/index.ts';
import type { RunSettings } from '../../state/index.ts';
import { nodeError } from '../errors.ts';

/** The builder of each kind, by its digest: what another one made does not count. */
export type Builders = Readonly<Record<ArtifactKind, string>>;

/** Those of this version of the platform. */
export async function buildersHere(): Promise<Builders> {
  const [component, module] = await Promise.all([builderDigest('wasm-http'), builderDigest('module')]);
  return { 'wasm-http': component, module };
}

/**
 * Can what the runtime runs be made of the version at all?
 *
 * @param settings `type`: the runtime that is asked for
 * @throws runtime_unfit when it cannot (CONTRACTS §4)
 */
export function requireBuildable({ type, main }: Pick<RunSettings, 'type' | 'main'>): void {
  if (artifactKindOf(type) === null) {
    throw nodeError('runtime_unfit', {
      what: `Nothing can be built for '${type}'`,
      why: 'this version of Tabbify does not build it, though a host says that it runs it',
      hint: 'Name another `runtime.type` in tabbify.toml, or bring the office to the version of that host',
    });
  }
  if (type === 'worker' && main === null) {
    throw nodeError('runtime_unfit', {
      what: "This version cannot run as 'worker'",
      why: 'a worker runs a TypeScript or JavaScript module, and its manifest names none',
      hint: 'Name one, e.g. `main = "src/index.ts"` under `[build]`, or leave `worker` out',
    });
  }
}
