import type { RuntimeFixture } from '../../testing/runtime-fixture.ts';

/** Requests to the probe that hit a bound, where it is started as the suite does it. */
export const PROBE_BOUNDS: RuntimeFixture['bounds'] = [
  { limit: 'fuel', path: '/loop', names: ['fuel of 200000000', 'runtime.fuel_per_request = 400000000'] },
  { limit: 'memory', path: '/grow-then-trap', names: ['of at most 16 MiB', 'runtime.memory_mb = 32'] },
];
