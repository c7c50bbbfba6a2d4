import { expect, it } from 'vitest';
import { clock } from './index.ts';

it('a clock that steps back or leaps ahead neither disorders the log, nor revives a credential, nor erases anything', async () => {
  const { seen } = await clock.run({ rounds: 1, seed: 1, say: () => {} });
  expect(seen).toMatch(/events in order/);
});
