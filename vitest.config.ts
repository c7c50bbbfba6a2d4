import { defineConfig } from 'vitest/config';
import { nodeEnvironment } from './bootstrap/node26.mjs';
import { LongestFirst } from './test/longest-first.ts';

/** For the threads and processes that tests start, a third of whose time went into stripping types. */
Object.assign(process.env, nodeEnvironment());

/** `unit` stands beside the code, `e2e` talks to a running office over HTTP and CLI, `drill` lets the machine fail under one. */
export default defineConfig({
  test: {
    pool: 'forks',
    globalSetup: 'test/lender.ts',
    sequence: { sequencer: LongestFirst },
    expect: { poll: { timeout: 15_000 } }, // by itself a second: a busy machine takes longer to start a process
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'sdk/**/*.test.ts',
            'test/api/**/*.test.ts',
            'test/approvals/**/*.test.ts',
            'test/attacks/**/*.test.ts',
            'test/checks/**/*.test.ts',
            'test/corpus/**/*.test.ts',
            'test/egress/**/*.test.ts',
            'test/faults/**/*.test.ts',
          ],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          setupFiles: 'test/e2e/end-with-test.ts',
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'drill',
          include: ['test/drill/**/*.test.ts'],
          setupFiles: 'test/e2e/end-with-test.ts',
          fileParallelism: false, // each of them keeps the machine busy by itself
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
