import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { freshName } from './fresh-name.ts';

test('a name is 32 hex digits, and no two are the same, in one process and in several', () => {
  const names = Array.from({ length: 1_000 }, freshName);
  expect(names.every((name) => /^[\da-f]{32}$/.test(name))).toBe(true);
  expect(new Set(names).size).toBe(names.length);
  const module = fileURLToPath(new URL('./fresh-name.ts', import.meta.url));
  const script = `import { freshName } from ${JSON.stringify(module)}; console.log(freshName());`;
  const others = [1, 2].map(() =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim(),
  );
  expect(new Set([...names, ...others]).size).toBe(names.length + 2);
});
