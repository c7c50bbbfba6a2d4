import { describe, expect, it } from 'vitest';
import { runOverPlanted } from './planted.ts';

describe('the linter', () => {
  it.each([
    ['noExplicitAny', 'export const planted = (x: any) => x;\n'],
    ['noDefaultExport', 'export default 1;\n'],
    ['noNonNullAssertion', 'export const planted = (x: string | null) => x!.length;\n'],
    ['noConsole', "export const planted = () => console.log('x');\n"],
    ['noEnum', 'export enum Planted { A }\n'],
  ])('refuses %s', async (rule, source) => {
    const result = await runOverPlanted('biome', ['check', 'src/kit/planted.ts'], {
      'src/kit/planted.ts': source,
    });
    expect(result.code).not.toBe(0);
    expect(result.stdout + result.stderr).toContain(rule);
  });

  it('passes a clean file, so that the refusals above are of the planted line', async () => {
    const result = await runOverPlanted('biome', ['check', 'src/kit/planted.ts'], {
      'src/kit/planted.ts': 'export const planted = 1;\n',
    });
    expect(result.stdout + result.stderr).toContain('Checked 1 file');
    expect(result.code).toBe(0);
  });
});

describe('the type check', () => {
  // All sources are checked: on a busy machine that takes its time.
  it('refuses a wrong type in the sources', { timeout: 120_000 }, async () => {
    const result = await runOverPlanted('tsc', ['--noEmit'], {
      'src/kit/planted.ts': "export const planted: number = 'text';\n",
    });
    expect(result.code).not.toBe(0);
    expect(result.stdout).toContain('src/kit/planted.ts(1,14): error TS2322');
  });
});
