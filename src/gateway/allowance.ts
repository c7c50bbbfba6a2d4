import type { Clock } from '../kit/index.ts';

/** So many calls at once, and so many a second from then on, for each who asks. */
export interface AllowanceBounds {
  readonly burst: number;
  readonly perSecond: number;
}

/** @returns takes one from what somebody may ask; false: nothing is left of it now */
export function createAllowance(
  { burst, perSecond }: AllowanceBounds,
  clock: Clock,
): (who: string) => boolean {
  const left = new Map<string, { calls: number; at: number }>();
  return (who) => {
    const now = clock.now();
    const before = left.get(who) ?? { calls: burst, at: now };
    const grown = (Math.max(0, now - before.at) / 1000) * perSecond;
    const calls = Math.min(burst, before.calls + grown);
    left.set(who, { calls: Math.max(0, calls - 1), at: now });
    return calls >= 1;
  };
}
