export { ARTIFACT_FILE, FUEL_EXPORT, type WasmHttpArtifact } from '../../builder/index.ts';
