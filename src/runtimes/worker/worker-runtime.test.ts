import { describe } from 'vitest';
import { runtimeConformance } from '../runtime.conformance.ts';
import { workerFixture } from './testing/worker-fixture.ts';
import { withoutBoxes } from './testing/worker-suite.ts';

describe.skipIf(withoutBoxes)('in boxes', () => runtimeConformance('worker', workerFixture));
