import { openBox, probeBoxes } from '../../../sandbox/index.ts';
import { boxTraces } from '../../boxed/testing/box-traces.ts';
import type { Runtime } from '../../runtime.ts';
import type { RuntimeFixture } from '../../testing/runtime-fixture.ts';
import { BY_ROUTE } from '../../testing/secret-file-cases.ts';
import { createWorker } from '../create-worker.ts';
import { describeWorker } from '../description.ts';
import { FIXTURE_APP } from './fixture-app.ts';
import { workerPlace } from './worker-place.ts';

/** MiB that the fixture's app may have. */
const MEMORY_MB = 64;
/** Milliseconds of CPU; little, so that a machine with other work gets there within the suite's patience. */
const TURN_MS = 500;

/** Workers in boxes, as this machine and this user can build them. */
export async function workerFixture(): Promise<RuntimeFixture> {
  const home = await workerPlace();
  const { place } = home;
  const report = await probeBoxes(place);
  if (!report.possible) throw new Error(`${report.why}: ${report.hint}`);
  const description = describeWorker(report);
  const worker = createWorker({ openBox, cpu: { turnMs: TURN_MS, minuteMs: 50_000 } });
  const runtime: Runtime = {
    ...description,
    start: (spec) => worker.start({ ...spec, place, memoryMb: MEMORY_MB }),
  };
  const artifactDir = await home.artifactOf(FIXTURE_APP);
  const traces = await boxTraces(place, () =>
    runtime.start({
      artifactDir,
      env: {},
      memoryMb: MEMORY_MB,
      fuelPerRequest: 0,
      isolation: 'pool',
      channel: { dial: () => Promise.reject(new Error('nothing is out there')) },
      place,
      wall: null,
      prepared: null,
      log: () => {},
    }),
  );
  const memory = {
    limit: 'memory',
    path: '/hold/1000',
    names: [`the ${MEMORY_MB} MiB of memory`, `runtime.memory_mb = ${2 * MEMORY_MB}`],
  } as const;
  return {
    runtime,
    artifactDir,
    bounds: [
      { limit: 'cpu', path: '/spin', names: [`${TURN_MS} ms of CPU without a turn`] },
      ...(description.limits.memory === 'enforced' ? [memory] : []),
    ],
    exitPath: '/exit/3',
    fileApp: { artifactDir, ...BY_ROUTE },
    traces,
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}
