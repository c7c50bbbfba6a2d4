import { openBox } from '../../sandbox/index.ts';
import type { Runtime } from '../runtime.ts';
import { createWorker } from './create-worker.ts';

/**
 * Modules for Node, each in a process of its own in a box. What its bounds are worth differs from machine to machine: what stands here
 * is the least, `describeRuntimes` tells of this one.
 */
export const workerRuntime: Runtime = {
  kind: 'worker',
  isolation: 'process',
  limits: { memory: 'best_effort', fuel: 'unsupported', cpu: 'best_effort' },
  ...createWorker({ openBox }),
};
