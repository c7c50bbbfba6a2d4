import { expect, it } from 'vitest';
import { seeded } from '../random.ts';
import { dieAndAdopt } from './adopt-drill.ts';
import { deathAt, drawDeath } from './deaths.ts';

/** The same decisions each time; `npm run drill` draws new ones. */
const SEED = 20_261_121;

it(`apps are adopted whoever dies when (seed ${SEED})`, async () => {
  const random = seeded(SEED);
  const quietly = { seed: SEED, say: () => {} };
  const deaths = [drawDeath('apart', random), deathAt('record flipped'), deathAt('end noted')];
  const drills = [
    dieAndAdopt('apart', deaths, quietly),
    dieAndAdopt('up', [drawDeath('up', random)], quietly),
  ] as const;
  await Promise.allSettled(drills); // whichever breaks, the other office is closed
  const [apart, up] = await Promise.all(drills);
  expect(apart.adopted + up.adopted).toBe(12);
  expect([...apart.reached]).toEqual(['record flipped', 'end noted']);
});
