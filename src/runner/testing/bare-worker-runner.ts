import { bareWorkers } from '../../runtimes/testing/index.ts';
import { runRunner } from '../run-runner.ts';

/** A runner's program whose workers are in no box: what is measured beside it is what a box costs. */
await runRunner({ load: async () => async () => bareWorkers });
