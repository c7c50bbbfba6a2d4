import { beforeAll, describe, expect, it } from 'vitest';
import { runOverPlanted, SOURCES } from './planted.ts';

const cruise = (files: Record<string, string>) =>
  runOverPlanted('depcruise', ['src', '--config', '.dependency-cruiser.mjs'], files, SOURCES);

const DOOR = { 'src/runtimes/testing/index.ts': "export * from './faulty-runtime.ts';\n" };
const THROUGH_IT = "export * from '../runtimes/testing/index.ts';\n";

/** Each in a file of its own: a run over all sources takes its time. */
const VIOLATIONS: readonly (readonly [what: string, rule: string, file: string, source: string])[] = [
  [
    'a room that imports one above it',
    'app-never-imports-a-room-above',
    'src/app/planted.ts',
    "export * from '../log/index.ts';\n",
  ],
  [
    'to enter a room other than by its index',
    'log-is-entered-by-its-index',
    'src/node/planted-entry.ts',
    "export * from '../log/envelope.ts';\n",
  ],
  [
    'the product the door for tests',
    'what-is-for-tests-is-entered-by-tests',
    'src/runner/planted.ts',
    THROUGH_IT,
  ],
  [
    'to load a library of tracing where it is not configured',
    'tracing-is-loaded-when-configured',
    'src/node/planted-library.ts',
    "export { trace } from '@opentelemetry/api';\n",
  ],
  [
    'to load the code of tracing where it is not configured',
    'tracing-is-loaded-when-configured',
    'src/node/planted-tracing.ts',
    "export { openTracing } from './tracing/open-tracing.ts';\n",
  ],
  [
    'input and output in the pure rooms',
    'pure-rooms-do-no-io',
    'src/state/planted.ts',
    "export { readFileSync } from 'node:fs';\n",
  ],
];

describe('the walls of the house', () => {
  let refused: Awaited<ReturnType<typeof cruise>>;
  beforeAll(async () => {
    const planted = VIOLATIONS.map(([, , file, source]) => [file, source] as const);
    refused = await cruise({ ...DOOR, ...Object.fromEntries(planted) });
  }, 120_000);

  it('are really looked at: the sources as they stand are more than a handful of modules without a violation, and tests have a door', async () => {
    const result = await cruise({ ...DOOR, 'src/runner/planted.test.ts': THROUGH_IT });
    expect(result.stdout).toContain('no dependency violations found');
    expect(Number(/\((\d+) modules/.exec(result.stdout)?.[1])).toBeGreaterThan(60);
    expect(result.code).toBe(0);
  });

  it.each(VIOLATIONS)('refuse %s', (_what, rule, file) => {
    expect(refused.code).not.toBe(0);
    expect(refused.stdout).toContain(`${rule}: ${file}`);
  });

  it('refuse nothing else', () => {
    const found = [...refused.stdout.matchAll(/^\s*error ([\w-]+): (\S+)/gm)].map(([, rule, file]) => [
      rule,
      file,
    ]);
    expect(found.toSorted()).toEqual(VIOLATIONS.map(([, rule, file]) => [rule, file]).toSorted());
  });
});
