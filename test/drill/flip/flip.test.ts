import { expect, it } from 'vitest';
import { flip } from './index.ts';

it('bits that turn over in a log or a blob are named, the rest is as it was, and a copy brings everything back', async () => {
  const { seen } = await flip.run({ rounds: 20, seed: 20_261_121, say: () => {} });
  expect(seen).toMatch(/\d+ seen/);
});
