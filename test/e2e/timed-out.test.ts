import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { processesOf } from './living.ts';
import { run } from './process.ts';

it('a test that runs out of time leaves no process of its office, no runner and no load generator', async () => {
  const { PATH = '', HOME = '' } = process.env;
  const program = 'node_modules/vitest/vitest.mjs';
  const { code, stdout, stderr } = await run(
    program,
    ['run', '--config', 'test/e2e/timed-out/vitest.config.ts', '--reporter', 'verbose'],
    { PATH, HOME, NO_COLOR: '1' },
  );
  const printed = stdout + stderr;
  const told = (word: string) =>
    [...printed.matchAll(new RegExp(`^${word}=(.+)$`, 'gm'))].map(([, text = '']) => text);
  expect(code, printed).toBe(1);
  expect(printed).toContain('Test timed out in 3000ms');
  expect(printed).toMatch(/1 failed \| 1 passed/);
  expect(Math.min(...told('living').map(Number)), printed).toBeGreaterThanOrEqual(3);
  const folders = told('folder');
  expect(folders).toHaveLength(2);
  for (const folder of folders) {
    expect(await processesOf(folder)).toEqual([]);
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
  }
}, 400_000); // two offices, one after the other
