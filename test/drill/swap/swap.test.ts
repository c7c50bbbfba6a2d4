import { expect, it } from 'vitest';
import { swap } from './index.ts';

it('no visitor feels how an app is replaced, and only a killed runner takes anything with it', async () => {
  const { seen } = await swap.run({ rounds: 1, seed: 1, say: () => {} });
  expect(seen).toMatch(/^\d{3,} requests, 0 failed/);
});
