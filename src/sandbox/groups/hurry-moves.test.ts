import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { hurryMoves } from './hurry-moves.ts';

const groups = () => readFileSync('/proc/self/cgroup', 'utf8');

it.skipIf(process.platform !== 'linux')('leaves the process in the groups that it is in', async () => {
  const before = groups();
  await hurryMoves();
  expect(groups()).toBe(before);
});
