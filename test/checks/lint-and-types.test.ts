import { beforeAll, describe, expect, it } from 'vitest';
import { runOverPlanted } from './planted.ts';

/** One rule, and a source that breaks it. */
const RULES: Readonly<Record<string, string>> = {
  noExplicitAny: 'export const planted = (x: any) => x;\n',
  noDefaultExport: 'export default 1;\n',
  noNonNullAssertion: 'export const planted = (x: string | null) => x!.length;\n',
  noConsole: "export const planted = () => console.log('x');\n",
  noEnum: 'export enum Planted { A }\n',
};
const fileOf = (rule: string) => `src/kit/planted-${rule.toLowerCase()}.ts`;

describe('the linter', () => {
  let refused: Awaited<ReturnType<typeof runOverPlanted>>;
  beforeAll(async () => {
    const files = Object.entries(RULES).map(([rule, source]) => [fileOf(rule), source] as const);
    const planted = Object.fromEntries([
      ...files,
      ['src/kit/planted-clean.ts', 'export const planted = 1;\n'],
    ]);
    refused = await runOverPlanted('biome', ['check', ...Object.keys(planted)], planted);
  });

  it.each(Object.keys(RULES))('refuses %s', (rule) => {
    expect(refused.code).not.toBe(0);
    const all = refused.stdout + refused.stderr;
    expect(all).toMatch(new RegExp(`${fileOf(rule)}:\\d+:\\d+ lint/\\w+/${rule}`));
  });

  it('passes a clean file, so that the refusals above are of the planted line', () => {
    expect(refused.stdout + refused.stderr).toContain(`Checked ${Object.keys(RULES).length + 1} files`);
    expect(refused.stdout + refused.stderr).not.toContain('planted-clean.ts');
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
