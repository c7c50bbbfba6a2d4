import { openBox, probeBoxes } from '../../../sandbox/index.ts';
import { boxTraces } from '../../boxed/testing/box-traces.ts';
import type { Runtime } from '../../runtime.ts';
import { buildComponentArtifact, FILES, PROBE } from '../../testing/component-artifact.ts';
import type { RuntimeFixture } from '../../testing/runtime-fixture.ts';
import { workerPlace } from '../../worker/testing/worker-place.ts';
import { createBoxed } from '../create-boxed.ts';
import { describeWasmHttp } from '../description.ts';
import { fileComponent } from './file-component.ts';
import { PROBE_BOUNDS } from './probe-bounds.ts';

/** Components in boxes, as this machine and this user can build them. */
export async function boxedFixture(): Promise<RuntimeFixture> {
  const home = await workerPlace();
  const artifact = await buildComponentArtifact(PROBE);
  const files = await buildComponentArtifact(FILES);
  const { place } = home;
  const report = await probeBoxes(place);
  if (!report.possible) throw new Error(`${report.why}: ${report.hint}`);
  const boxed = createBoxed({ openBox });
  const runtime: Runtime = {
    ...describeWasmHttp(report),
    start: (spec) => boxed.start({ ...spec, place }),
  };
  const traces = await boxTraces(place, () =>
    runtime.start({
      artifactDir: artifact.dir,
      env: {},
      memoryMb: 16,
      fuelPerRequest: 1_000_000,
      isolation: 'pool',
      channel: { dial: () => Promise.reject(new Error('nothing is out there')) },
      place,
      wall: 'wasm',
      prepared: null,
      log: () => {},
    }),
  );
  return {
    runtime,
    artifactDir: artifact.dir,
    bounds: PROBE_BOUNDS,
    exitPath: null,
    fileApp: fileComponent(files.dir),
    traces,
    async [Symbol.asyncDispose]() {
      await artifact[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}
