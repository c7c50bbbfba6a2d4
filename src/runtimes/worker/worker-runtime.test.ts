import { runtimeConformance } from '../runtime.conformance.ts';
import { workerFixture } from './testing/worker-fixture.ts';

runtimeConformance('worker', workerFixture);
