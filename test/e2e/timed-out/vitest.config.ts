import { defineConfig } from 'vitest/config';
import { ROOT } from '../process.ts';

/** For `timed-out.test.ts` alone. */
export default defineConfig({
  root: ROOT,
  test: {
    pool: 'forks',
    include: ['test/e2e/timed-out/never-ends.ts'],
    setupFiles: 'test/e2e/end-with-test.ts',
    hookTimeout: 180_000,
  },
});
