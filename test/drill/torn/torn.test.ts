import { it } from 'vitest';
import { torn } from './index.ts';

it('a log torn as a power cut tears it holds everything that was promised before the cut, and nothing else', async () => {
  await torn.run({ rounds: 25, seed: 5, say: () => {} });
});
