export { ARTIFACT_FILE, FUEL_EXPORT, type ModuleArtifact, type WasmHttpArtifact } from './artifact-format.ts';
export { type ArtifactKind, artifactKindOf } from './artifact-kind.ts';
export { type BuildRequest, type BuildResult, buildArtifact } from './build.ts';
export type { BuildStep } from './build-step.ts';
export { builderDigest } from './builder-digest.ts';
export type { NpmSettings } from './child/protocol.ts';
export { prepareBuilder } from './prepare-builder.ts';
