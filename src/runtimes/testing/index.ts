export { LineSink } from '../line-sink.ts';
export { bareWorkers } from '../worker/testing/bare-workers.ts';
export { type WorkerPlace, workerPlace } from '../worker/testing/worker-place.ts';
export { type BuiltArtifact, buildComponentArtifact, PROBE } from './component-artifact.ts';
export { type FaultsInEnvironment, faultyByEnvironment } from './faulty-by-environment.ts';
export { importCaller } from './import-caller.ts';
export { type ServedApp, serveApp } from './served-app.ts';
