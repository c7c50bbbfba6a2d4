export { ARTIFACT_FILE, FUEL_EXPORT, REHEARSAL_METHOD, type WasmHttpArtifact } from '../../builder/index.ts';
