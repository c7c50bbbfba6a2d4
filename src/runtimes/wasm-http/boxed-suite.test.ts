import { describe } from 'vitest';
import { runtimeConformance } from '../runtime.conformance.ts';
import { withoutBoxes } from '../worker/testing/worker-suite.ts';
import { boxedFixture } from './testing/boxed-fixture.ts';

describe.skipIf(withoutBoxes)('in boxes', () => runtimeConformance('wasm-http', boxedFixture));
