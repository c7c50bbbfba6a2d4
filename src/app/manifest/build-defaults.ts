import type { BuildKind, RuntimeKind } from './model.ts';

/** What a manifest says, or leaves open, about how the app is made. */
export interface BuildFacts {
  readonly declaredKind: BuildKind | null;
  readonly declaredType: RuntimeKind | null;
  readonly hasMain: boolean;
  readonly hasAssets: boolean;
  /** A prebuilt image is named. */
  readonly hasImage: boolean;
  /** A component file lies in the folder. */
  readonly hasComponent: boolean;
}

/** `build.kind`: declared, or what the rest of the manifest and the folder point to (CONTRACTS §4). */
export function buildKindOf(facts: BuildFacts): BuildKind {
  if (facts.hasImage) return 'docker';
  if (facts.declaredKind === 'wasm' && facts.hasMain) return 'js';
  if (facts.declaredKind !== null) return facts.declaredKind;
  if (facts.hasMain) return 'js';
  if (facts.declaredType === 'wasm-http' || facts.hasComponent) return 'wasm';
  const isContainer = facts.declaredType === 'docker' || facts.declaredType === 'firecracker';
  return facts.hasAssets && !isContainer ? 'js' : 'docker';
}

/** Static files and nothing beside them. */
export function areFilesAlone(facts: BuildFacts): boolean {
  return buildKindOf(facts) === 'js' && !facts.hasMain && facts.hasAssets;
}

/** `runtime.type`: declared, or what follows from the build. */
export function runtimeTypeOf(facts: BuildFacts): RuntimeKind {
  if (facts.declaredType !== null) return facts.declaredType;
  const kind = buildKindOf(facts);
  if (kind === 'docker') return 'docker';
  return kind === 'js' && facts.declaredKind !== 'wasm' ? 'worker' : 'wasm-http';
}

/** `runtime.memory_mb` in MiB: 512; a component has 64, one made from a module 256, since it carries a JavaScript engine. */
export function defaultMemoryMb(kind: BuildKind, type: RuntimeKind): number {
  if (type === 'docker' || type === 'firecracker') return 512;
  return kind === 'js' ? 256 : 64;
}
