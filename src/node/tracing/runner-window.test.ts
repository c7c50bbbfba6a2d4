import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runnersWindow } from './runner-window.ts';

const seen = { beganMs: 1_000, headMs: 1_100, endMs: 1_500 };

it('believes a clock that fits, and puts another machine’s in the middle', () => {
  expect(runnersWindow({ beganUs: 1_070_000, headUs: 20_000 }, seen)).toEqual({
    ...{ beganMs: 1_070, headMs: 1_090, endMs: 1_500 },
  });
  for (const beganUs of [0, 500_000, 1_095_000, 9_000_000_000]) {
    expect(runnersWindow({ beganUs, headUs: 20_000 }, seen)).toEqual({
      beganMs: 1_040,
      headMs: 1_060,
      endMs: 1_500,
    });
  }
});

it('never leaves what the edge has seen, whatever a runner says', () => {
  const us = fc.nat({ max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(us, us, fc.nat(10_000), fc.nat(10_000), (beganUs, headUs, passage, rest) => {
      const edge = { beganMs: 1_000, headMs: 1_000 + passage, endMs: 1_000 + passage + rest };
      const runner = runnersWindow({ beganUs, headUs }, edge);
      expect(runner.beganMs).toBeGreaterThanOrEqual(edge.beganMs);
      expect(runner.headMs).toBeGreaterThanOrEqual(runner.beganMs);
      expect(runner.headMs).toBeLessThanOrEqual(edge.headMs);
      expect(runner.endMs).toBe(edge.endMs);
    }),
  );
});
