import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openBox, probeBoxes } from '../../../sandbox/index.ts';
import type { Runtime, RuntimePlace } from '../../runtime.ts';
import type { RuntimeFixture } from '../../testing/runtime-fixture.ts';
import { createWorker } from '../create-worker.ts';
import { describeWorker } from '../description.ts';
import { FIXTURE_APP } from './fixture-app.ts';
import { workerPlace } from './worker-place.ts';

/** MiB that the fixture's app may have. */
const MEMORY_MB = 64;
/** Milliseconds of CPU; little, so that a machine with other work gets there within the suite's patience. */
const TURN_MS = 200;

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
  const groups = await groupsOf(runtime, artifactDir, place);
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
    traces: async () => [
      ...(await readdir(join(place.home, 'boxes'))).filter((name) => name.endsWith('.json')),
      ...(await readdir(place.sockets)),
      ...(await Promise.all(groups.map(foldersIn))).flat(),
    ],
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

/** The control groups that the groups of this office's boxes are made in: a box's record names them. */
async function groupsOf(runtime: Runtime, artifactDir: string, place: RuntimePlace): Promise<string[]> {
  const app = await runtime.start({
    artifactDir,
    env: {},
    memoryMb: MEMORY_MB,
    fuelPerRequest: 0,
    isolation: 'pool',
    channel: { dial: () => Promise.reject(new Error('nothing is out there')) },
    place,
    prepared: null,
    log: () => {},
  });
  try {
    const boxes = join(place.home, 'boxes');
    const [name = ''] = (await readdir(boxes)).filter((each) => each.endsWith('.json'));
    const { groups } = JSON.parse(await readFile(join(boxes, name), 'utf8')) as { groups: string[] };
    return groups.map((group) => dirname(group));
  } finally {
    await app.purge();
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
}
