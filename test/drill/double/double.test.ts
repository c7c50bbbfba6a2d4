import { expect, it } from 'vitest';
import { double } from './index.ts';

it('a second office on the same home is refused, naming the process that has it, and the first goes on', async () => {
  const { seen } = await double.run({ rounds: 1, seed: 1, say: () => {} });
  expect(seen).toMatch(/refused naming process \d+/);
});
