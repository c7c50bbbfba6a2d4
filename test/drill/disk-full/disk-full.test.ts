import { expect, it } from 'vitest';
import { skipWithout } from '../../requirements.ts';
import { diskFull, possibleDisk } from './index.ts';

it('an office whose disk is full refuses writers with 503, serves everybody else, and writes on once there is room', async (context) => {
  context.skip(skipWithout('prlimit', possibleDisk() !== null));
  const { seen } = await diskFull.run({ rounds: 1, seed: 1, say: () => {} });
  expect(seen).toMatch(/writers refused with 503/);
});
