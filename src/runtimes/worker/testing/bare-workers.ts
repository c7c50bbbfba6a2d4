import { openBareBox } from '../../boxed/testing/bare-box.ts';
import type { Runtime } from '../../runtime.ts';
import { createWorker } from '../create-worker.ts';

/** The runtime of workers without boxes: the same host and guest, and Node as a plain child process. */
export const bareWorkers: Runtime = {
  kind: 'worker',
  isolation: 'process',
  limits: { memory: 'unsupported', fuel: 'unsupported', cpu: 'unsupported' },
  ...createWorker({ openBox: openBareBox }),
};
