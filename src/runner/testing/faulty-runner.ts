import { faultyByEnvironment } from '../../runtimes/testing/index.ts';
import { runRunner } from '../run-runner.ts';

/** A runner's program that differs from the product's in its runtimes alone: what an app's environment says goes wrong. */
await runRunner({ load: async () => async () => faultyByEnvironment });
