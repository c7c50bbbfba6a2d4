export {
  ARTIFACT_FILE,
  FUEL_EXPORT,
  LOAD_FAILED,
  REHEARSAL_METHOD,
  type WasmHttpArtifact,
} from '../../builder/index.ts';
