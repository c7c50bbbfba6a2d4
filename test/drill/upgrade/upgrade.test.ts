import { expect, it } from 'vitest';
import { upgrade } from './index.ts';

it('no request fails while a newer build takes the place of the checkout and then the one before, and apps are respawned from them', async () => {
  const { seen } = await upgrade.run({ rounds: 2, seed: 1, say: () => {} });
  expect(seen).toMatch(/0 failed.*adopted 3, replaced 6, respawned 6/);
});
