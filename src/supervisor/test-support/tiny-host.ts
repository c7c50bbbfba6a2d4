import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { openTestHost, type TestHost } from './host.ts';
import { type BuiltArtifact, buildTiny } from './tiny-artifact.ts';

/**
 * A host whose apps run `examples/tiny`, built once for the test file that calls this, at its top.
 *
 * @param per `test`: a new one for each test; `file`: one for all of them
 */
export function tinyHost(per: 'test' | 'file' = 'test'): Omit<TestHost, 'close'> {
  let tiny: BuiltArtifact;
  let host: TestHost;
  beforeAll(async () => {
    tiny = await buildTiny();
  });
  afterAll(() => tiny.remove());
  const [before, after] = per === 'test' ? [beforeEach, afterEach] : [beforeAll, afterAll];
  before(async () => {
    host = await openTestHost(tiny.folder);
  });
  after(() => host.close());
  return {
    get home() {
      return host.home;
    },
    get node() {
      return host.node;
    },
    start: (options) => host.start(options),
    assignment: (...how) => host.assignment(...how),
    call: (...how) => host.call(...how),
    wake: (...how) => host.wake(...how),
    visit: (...how) => host.visit(...how),
  };
}
