export { type TestOutcome, type TestRequest, testApp } from './app-tests/test-app.ts';
export {
  ARTIFACT_FILE,
  FUEL_EXPORT,
  LOAD_FAILED,
  type ModuleArtifact,
  type WasmHttpArtifact,
} from './artifact-format.ts';
export { type ArtifactKind, artifactKindOf } from './artifact-kind.ts';
export { type BuildRequest, type BuildResult, buildArtifact } from './build.ts';
export type { BuildStep } from './build-step.ts';
export { builderDigest } from './builder-digest.ts';
export type { NpmSettings } from './child/protocol.ts';
export { needsInstall } from './dependencies.ts';
export { type EngineOptions, prepareEngine } from './engine/prepare-engine.ts';
export { REHEARSAL_METHOD } from './guest/rehearsal.ts';
export { WHOLE_HEAD } from './guest/request-head.ts';
export { keepBoxWaiting } from './keep-box-waiting.ts';
export { prepareBuilder } from './prepare-builder.ts';
export { type PackagesOptions, packagesOfLockfile } from './rebuild/app-packages.ts';
export { lockfileDifferences } from './rebuild/lockfile-differences.ts';
export { openRebuilder, type RebuilderOptions } from './rebuild/open-rebuilder.ts';
export type { NotRebuilt, Rebuilder, Rebuilt } from './rebuild/rebuilder.ts';
