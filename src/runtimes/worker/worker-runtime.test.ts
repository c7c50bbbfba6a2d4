import { readdir } from 'node:fs/promises';
import { openBox } from '../../sandbox/index.ts';
import { runtimeConformance } from '../runtime.conformance.ts';
import type { Runtime } from '../runtime.ts';
import { createWorker } from './create-worker.ts';
import { FIXTURE_APP } from './testing/fixture-app.ts';
import { workerPlace } from './testing/worker-place.ts';

/** MiB; with less node does not come up. */
const MEMORY_MB = 64;

runtimeConformance('worker', async () => {
  const home = await workerPlace();
  const artifactDir = await home.artifactOf(FIXTURE_APP);
  const worker = createWorker({ openBox, cpu: { turnMs: 200, minuteMs: 50_000 } });
  const runtime: Runtime = {
    kind: 'worker',
    isolation: 'process',
    limits: { memory: 'enforced', fuel: 'unsupported', cpu: 'enforced' },
    start: (spec) => worker.start({ ...spec, place: home.place, memoryMb: MEMORY_MB }),
  };
  return {
    runtime,
    artifactDir,
    bounds: [
      { limit: 'cpu', path: '/spin', names: ['200 ms of CPU without a turn'] },
      {
        limit: 'memory',
        path: '/hold/1000',
        names: [`the ${MEMORY_MB} MiB of memory`, `runtime.memory_mb = ${2 * MEMORY_MB}`],
      },
    ],
    exitPath: '/exit/3',
    traces: async () => [
      ...(await readdir(home.place.home, { recursive: true })).filter((p) => !p.includes('uids')),
      ...(await readdir(home.place.sockets)),
    ],
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
});
