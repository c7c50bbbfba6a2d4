export {
  ARTIFACT_FILE,
  FUEL_EXPORT,
  LOAD_FAILED,
  REHEARSAL_METHOD,
  type WasmHttpArtifact,
  WHOLE_HEAD,
} from '../../builder/index.ts';
