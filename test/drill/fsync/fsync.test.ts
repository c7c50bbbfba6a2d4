import { expect, it } from 'vitest';
import { compiler } from '../../faults/fsync-delay.ts';
import { skipWithout } from '../../requirements.ts';
import { onSlowDisks } from './index.ts';

it('an office whose disk takes its time works, and its visitors do not wait for the disk', async (context) => {
  context.skip(skipWithout('clang', compiler() !== undefined));
  const seen = await onSlowDisks([20], 1, 1);
  expect(seen).toMatch(/20 ms: visit/);
});
