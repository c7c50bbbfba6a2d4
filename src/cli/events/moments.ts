import { cliError } from '../errors.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Reads a moment: `2h` and the like count back from now; a date or a time without a zone is that of this machine.
 *
 * @param now milliseconds since the epoch
 * @returns RFC 3339
 * @throws `usage`
 */
export function momentOption(flag: string, now: () => number = Date.now): (text: string) => string {
  return (text) => {
    const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
    const time =
      count !== undefined
        ? now() - Number(count) * (UNIT_MS[unit] ?? 0)
        : /^\d{4}-\d\d-\d\d([T ]|$)/.test(text) && isDay(text.slice(0, 10))
          ? new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text).getTime()
          : Number.NaN;
    if (Number.isFinite(time)) return new Date(time).toISOString();
    throw cliError('usage', {
      what: `${flag} ${text} cannot be used`,
      why: 'it is no moment in time',
      hint: `For example ${flag} 2h (two hours ago), ${flag} 2026-11-21 or ${flag} 2026-11-21T14:00.`,
    });
  };
}

/** Is it a day of the calendar? `Date` takes 30 February for 2 March. */
function isDay(date: string): boolean {
  const day = new Date(`${date}T00:00Z`);
  return Number.isFinite(day.getTime()) && day.toISOString().startsWith(date);
}
