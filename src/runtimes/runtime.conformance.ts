import { afterAll, beforeAll, describe, test } from 'vitest';
import { runtimeCases } from './testing/runtime-cases.ts';
import type { RuntimeFixture } from './testing/runtime-fixture.ts';

/** What every `Runtime` must do, run against one implementation behind a real HTTP server. */
export function runtimeConformance(name: string, open: () => Promise<RuntimeFixture>): void {
  describe(`${name} as a runtime`, () => {
    let fixture: RuntimeFixture;
    beforeAll(async () => {
      fixture = await open();
    });
    afterAll(() => fixture?.[Symbol.asyncDispose]());
    for (const { behaviour, check } of runtimeCases) test(behaviour, () => check(fixture));
  });
}
