export { ARTIFACT_FILE, FUEL_EXPORT, type WasmHttpArtifact } from './artifact-format.ts';
export { type BuildRequest, type BuildResult, type BuildStep, buildArtifact } from './build.ts';
export { builderDigest } from './builder-digest.ts';
