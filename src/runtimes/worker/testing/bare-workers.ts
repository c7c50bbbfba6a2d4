import type { Runtime } from '../../runtime.ts';
import { createWorker } from '../create-worker.ts';
import { openBareBox } from './bare-box.ts';

/** The runtime of workers without boxes: the same host and guest, and Node as a plain child process. */
export const bareWorkers: Runtime = {
  kind: 'worker',
  isolation: 'process',
  limits: { memory: 'unsupported', fuel: 'unsupported', cpu: 'unsupported' },
  ...createWorker({ openBox: openBareBox }),
};
