import { openBox } from '../../../sandbox/index.ts';
import { createBoxed } from '../../wasm-http/create-boxed.ts';
import { createWorker } from '../../worker/create-worker.ts';

/**
 * A process that runs an app in a box, to be killed: says `started` when the app serves. Its arguments are the kind of its program, the three
 * folders of a `RuntimePlace` and that of the artifact.
 */
const [kind, home = '', sockets = '', programs = '', artifactDir = ''] = process.argv.slice(2);

process.stdout.write('begun\n');
await (kind === 'component' ? createBoxed({ openBox }) : createWorker({ openBox })).start({
  artifactDir,
  env: {},
  memoryMb: 64,
  fuelPerRequest: 1_000_000,
  isolation: 'pool',
  channel: { dial: () => Promise.reject(new Error('nothing is out there')) },
  place: { home, sockets, programs },
  wall: null,
  prepared: null,
  log: () => {},
});
process.stdout.write('started\n');
setInterval(() => {}, 1_000);
