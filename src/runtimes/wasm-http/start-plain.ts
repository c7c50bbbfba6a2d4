import { messageOf, systemClock } from '../../kit/index.ts';
import { AppLog } from '../app-log.ts';
import { runtimeError } from '../errors.ts';
import { instancesBytes } from '../process-memory.ts';
import type { RunningApp, StartSpec } from '../runtime.ts';
import { filesFor } from './files-of.ts';
import { loadArtifact } from './load-artifact.ts';
import { withSourcePlaces } from './stack-places.ts';
import { startComponent } from './start-component.ts';
import { START_HINT } from './start-hint.ts';

/** Runs a component in this process: its only wall is what it is given to call. @throws TabbifyError `artifact_invalid`, `start_failed` */
export async function startPlain(spec: StartSpec): Promise<RunningApp> {
  const began = performance.now();
  const { env, memoryMb, fuelPerRequest, channel } = spec;
  await spec.prepared?.dispose(); // a box, for which there is no use here
  const artifact = await loadArtifact(spec.artifactDir);
  try {
    return await startComponent({
      ...{ artifact, env, memoryMb, fuelPerRequest, channel, began },
      ...(await filesFor(spec)),
      budgetBytes: instancesBytes(memoryMb),
      reuse: spec.isolation === 'pool',
      log: new AppLog(withSourcePlaces(spec.log, artifact.mapPath), systemClock),
    });
  } catch (error) {
    throw runtimeError('start_failed', {
      what: 'The component did not start',
      why: messageOf(error),
      hint: START_HINT,
      cause: error,
    });
  }
}
