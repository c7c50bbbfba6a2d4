import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allowance } from './rate.ts';

test('a burst passes, then one each interval', () => {
  const rate = allowance({ burst: 3, intervalMs: 1_000 }, 0);
  const taken = [0, 0, 0, 0, 999, 1_000, 1_001, 2_000, 60_000, 60_000, 60_000, 60_000].map((now) =>
    rate.take(now),
  );
  expect(taken).toEqual([true, true, true, false, false, true, false, true, true, true, true, false]);
});

test('a clock that is set back stops nothing for longer than an interval', () => {
  const rate = allowance({ burst: 1, intervalMs: 1_000 }, 1e9);
  expect(rate.take(1e9)).toBe(true);
  expect(rate.take(500)).toBe(false);
  expect(rate.take(1_500)).toBe(true);
});

test('never more than the burst and one each interval, whatever the times', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 200 });
  fc.assert(
    fc.property(
      steps,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 3_000 }),
      (gaps, burst, intervalMs) => {
        const rate = allowance({ burst, intervalMs }, 0);
        let now = 0;
        let passed = 0;
        for (const gap of gaps) {
          now += gap;
          if (rate.take(now)) passed += 1;
        }
        expect(passed).toBeLessThanOrEqual(burst + Math.floor(now / intervalMs));
      },
    ),
  );
});
