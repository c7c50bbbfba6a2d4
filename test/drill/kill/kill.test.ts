import { expect, it } from 'vitest';
import { killAgainAndAgain } from './kill-drill.ts';

/** The same decisions each time; `npm run drill` draws new ones. */
const SEED = 20_261_121;

it.each([
  ['up', 3],
  ['apart', 2],
] as const)(
  `an office as \`%s\` keeps its promises through %i deaths (seed ${SEED})`,
  async (arrangement, rounds) => {
    const report = await killAgainAndAgain(arrangement, rounds, { seed: SEED, say: () => {} });
    expect(report.events).toBeGreaterThan(10);
    // One hold is let pass, as in the main job; what holds the loop by its nature does so in every life of the office.
    expect(report.holds.length, report.holds.join(', ')).toBeLessThanOrEqual(1);
  },
);
