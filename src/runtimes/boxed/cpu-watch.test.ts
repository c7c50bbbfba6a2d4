import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type CpuBounds, OFFICE_CPU } from './cpu-account.ts';
import { type CpuWatch, watchCpu } from './cpu-watch.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** An app that turns and uses a little, and at some moment begins a loop. */
function watched({ bounds, loopsAt, trickle }: { bounds: CpuBounds; loopsAt: number; trickle: number }) {
  const begun = performance.now();
  const now = () => performance.now() - begun;
  const used = () => Math.min(now(), loopsAt) * trickle + Math.max(0, now() - loopsAt);
  const seen = { looks: 0, bound: '', usedInLoop: 0 };
  const watch: CpuWatch = watchCpu({
    bounds,
    cpuMs: () => {
      seen.looks++;
      return used();
    },
    ask: () => (now() < loopsAt ? Promise.resolve() : new Promise(() => {})),
    onExhausted: (bound) => {
      seen.bound = bound;
      seen.usedInLoop = now() - loopsAt;
    },
  });
  return { seen, watch };
}

it('ends a loop within a fifth above its bound, whenever it begins and with no request to tell of it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(200, 300, 1_000, 5_000),
      fc.double({ min: 0, max: 20_000, noNaN: true }),
      fc.constantFrom(0, 0.001, 0.02, 0.2),
      async (turnMs, loopsAt, trickle) => {
        const { seen, watch } = watched({ bounds: { turnMs, minuteMs: 1e9 }, loopsAt, trickle });
        await vi.advanceTimersByTimeAsync(loopsAt + 2 * turnMs);
        watch.stop();
        expect(seen.bound).toBe('turn');
        expect(seen.usedInLoop).toBeGreaterThanOrEqual(turnMs);
        expect(seen.usedInLoop).toBeLessThanOrEqual(1.2 * turnMs);
      },
    ),
    { numRuns: 200 },
  );
});

it('looks at an app that rests no more than seven times a second', async () => {
  const { seen, watch } = watched({ bounds: OFFICE_CPU, loopsAt: Number.POSITIVE_INFINITY, trickle: 0 });
  await vi.advanceTimersByTimeAsync(1_000);
  seen.looks = 0;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(seen.looks).toBeLessThanOrEqual(70);
  watch.stop();
  seen.looks = 0;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(seen.looks).toBe(0);
});
