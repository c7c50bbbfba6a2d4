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

/** One thing that no source may do, where it stands, and what is said of it. */
const ERRORS: readonly (readonly [file: string, source: string, error: string])[] = [
  ['src/kit/planted.ts', "export const planted: number = 'text';\n", '(1,14): error TS2322'],
  ['sdk/src/planted.ts', 'export const planted: string = process.env.PLANTED;\n', '(1,14): error TS2322'],
  ['test/planted.ts', 'export const planted = (all: number[]): number => all[0];\n', '(1,51): error TS2322'],
  ['bench/planted.ts', 'export enum Planted {\n  A,\n}\n', '(1,13): error TS1294'],
];

describe('the type check', () => {
  let refused: Awaited<ReturnType<typeof runOverPlanted>>;
  beforeAll(async () => {
    const planted = Object.fromEntries(ERRORS.map(([file, source]) => [file, source]));
    const clean = { 'src/kit/planted-clean.ts': 'export const planted: number = 1;\n' };
    refused = await runOverPlanted('tsc', ['--noEmit'], { ...planted, ...clean });
  });

  it.each(ERRORS)('refuses what is wrong in %s', (file, _source, error) => {
    expect(refused.code).not.toBe(0);
    expect(refused.stdout).toContain(`${file}${error}`);
  });

  it('refuses nothing else', () => {
    expect(refused.stdout.match(/error TS/g)).toHaveLength(ERRORS.length);
  });
});
