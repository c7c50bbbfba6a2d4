import { describe, expect, it } from 'vitest';
import { runOverPlanted } from './planted.ts';

const cruise = (files: Record<string, string>) =>
  runOverPlanted('depcruise', ['src', '--config', '.dependency-cruiser.mjs'], files);

describe('the walls of the house', () => {
  it('are really looked at: the sources as they stand are more than a handful of modules without a violation', async () => {
    const result = await cruise({});
    expect(result.stdout).toContain('no dependency violations found');
    expect(Number(/\((\d+) modules/.exec(result.stdout)?.[1])).toBeGreaterThan(60);
    expect(result.code).toBe(0);
  });

  it('refuse a room that imports one above it', async () => {
    const result = await cruise({ 'src/app/planted.ts': "export * from '../log/index.ts';\n" });
    expect(result.code).not.toBe(0);
    expect(result.stdout).toContain('app-never-imports-a-room-above: src/app/planted.ts');
  });

  it('refuse to enter a room other than by its index', async () => {
    const result = await cruise({ 'src/node/planted.ts': "export * from '../log/envelope.ts';\n" });
    expect(result.code).not.toBe(0);
    expect(result.stdout).toContain('log-is-entered-by-its-index: src/node/planted.ts');
  });

  const DOOR = { 'src/runtimes/testing/index.ts': "export * from './faulty-runtime.ts';\n" };
  const THROUGH_IT = "export * from '../runtimes/testing/index.ts';\n";

  it('have a door for tests', async () => {
    const result = await cruise({ ...DOOR, 'src/runner/planted.test.ts': THROUGH_IT });
    expect(result.stdout).toContain('no dependency violations found');
  });

  it('keep the door for tests closed to the product', async () => {
    const result = await cruise({ ...DOOR, 'src/runner/planted.ts': THROUGH_IT });
    expect(result.code).not.toBe(0);
    expect(result.stdout).toContain('what-is-for-tests-is-entered-by-tests: src/runner/planted.ts');
  });

  it.each([
    "export { trace } from '@opentelemetry/api';\n",
    "export { openTracing } from './tracing/open-tracing.ts';\n",
  ])('keep tracing from being loaded where it is not configured: %s', async (planted) => {
    const result = await cruise({ 'src/node/planted.ts': planted });
    expect(result.code).not.toBe(0);
    expect(result.stdout).toContain('tracing-is-loaded-when-configured: src/node/planted.ts');
  });

  it('refuse input and output in the pure rooms', async () => {
    const result = await cruise({ 'src/state/planted.ts': "export { readFileSync } from 'node:fs';\n" });
    expect(result.code).not.toBe(0);
    expect(result.stdout).toContain('pure-rooms-do-no-io: src/state/planted.ts');
  });
});
