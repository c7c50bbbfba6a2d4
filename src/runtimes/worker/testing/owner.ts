import { openBox } from '../../../sandbox/index.ts';
import { createWorker } from '../create-worker.ts';

/**
 * A process that runs a worker, to be killed: says `started` when the app serves. Its arguments are the three folders of a
 * `RuntimePlace` and that of the artifact.
 */
const [home = '', sockets = '', programs = '', artifactDir = ''] = process.argv.slice(2);

process.stdout.write('begun\n');
await createWorker({ openBox }).start({
  artifactDir,
  env: {},
  memoryMb: 64,
  fuelPerRequest: 0,
  isolation: 'pool',
  channel: { dial: () => Promise.reject(new Error('nothing is out there')) },
  place: { home, sockets, programs },
  wall: null,
  prepared: null,
  log: () => {},
});
process.stdout.write('started\n');
setInterval(() => {}, 1_000);
