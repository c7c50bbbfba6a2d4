import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CpuAccount } from './cpu-account.ts';

const BOUNDS = { turnMs: 1_000, minuteMs: 50_000 };

describe('the account of an app’s CPU', () => {
  test('asks nothing of an app that rests', () => {
    const account = new CpuAccount(BOUNDS);
    for (let now = 0; now < 600_000; now += 1_000) expect(account.look(now, 0)).toBe('nothing');
  });

  test('an app that does not turn is at its end after its bound of CPU, and at most a fifth above it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 1_000 }), (stepMs, before) => {
        const account = new CpuAccount(BOUNDS);
        for (let cpu = before; ; cpu += stepMs) {
          const verdict = account.look(cpu, cpu);
          const spun = cpu - before;
          if (verdict === 'turn_exhausted') {
            expect(spun).toBeGreaterThanOrEqual(BOUNDS.turnMs);
            expect(spun).toBeLessThanOrEqual(1.2 * BOUNDS.turnMs);
            return;
          }
          expect(spun).toBeLessThan(1.2 * BOUNDS.turnMs);
        }
      }),
    );
  });

  test('an app that is kept waiting uses no CPU and is not at its end, however long it does not answer', () => {
    const account = new CpuAccount(BOUNDS);
    expect(account.look(0, 100)).toBe('ask');
    for (let now = 0; now < 600_000; now += 50) expect(account.look(now, 100 + now / 1_000)).toBe('nothing');
  });

  test('an app that turns may use as much as it likes between turns, up to its share of a minute', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1 }), (uses) => {
        const account = new CpuAccount(BOUNDS);
        let now = 0;
        let cpu = 0;
        for (const used of uses) {
          now += 2 * used + 1; // half of a core
          cpu += used;
          expect(account.look(now, cpu)).toBeOneOf(['nothing', 'ask']);
          account.answered();
        }
      }),
    );
  });

  test('an app that uses more than its share of a minute is at its end, however often it turns', () => {
    const account = new CpuAccount(BOUNDS);
    const ends = (share: number): number | null => {
      for (let now = 0; now < 300_000; now += 50) {
        if (account.look(now, now * share) === 'minute_exhausted') return now;
        account.answered();
      }
      return null;
    };
    expect(ends(0.8)).toBeNull();
    const busy = new CpuAccount(BOUNDS);
    let now = 0;
    while (busy.look(now, now) !== 'minute_exhausted') {
      busy.answered();
      now += 50;
    }
    expect(now).toBeGreaterThan(BOUNDS.minuteMs);
    expect(now).toBeLessThan(1.05 * BOUNDS.minuteMs);
  });
});
