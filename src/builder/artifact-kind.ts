import type { RuntimeKind } from '../app/index.ts';

/** What a build makes of a version: a component taken apart for `wasm-http`, or one ES module for `worker`. */
export type ArtifactKind = 'wasm-http' | 'module';

/** The kind of artifact that a runtime runs; null: nothing is built for it in this version. */
export function artifactKindOf(runtime: RuntimeKind): ArtifactKind | null {
  if (runtime === 'worker') return 'module';
  return runtime === 'wasm-http' ? 'wasm-http' : null;
}
