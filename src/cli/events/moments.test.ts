import { expect, test } from 'vitest';
import { momentOption } from './moments.ts';

const now = Date.UTC(2026, 10, 21, 12);
const moment = momentOption('--since', () => now);

test('a moment is so long ago, a date, or a time', () => {
  expect(moment('90s')).toBe('2026-11-21T11:58:30.000Z');
  expect(moment('2h')).toBe('2026-11-21T10:00:00.000Z');
  expect(moment('7d')).toBe('2026-11-14T12:00:00.000Z');
  expect(moment('2026-11-20T08:00:00Z')).toBe('2026-11-20T08:00:00.000Z');
  expect(moment('2026-11-20')).toBe(new Date(2026, 10, 20).toISOString());
  expect(moment('2026-11-20 08:30')).toBe(new Date(2026, 10, 20, 8, 30).toISOString());
});

test.each(['', 'yesterday', '2', '2w', '2026', '2026-13-40', '2026-02-30', '-2h'])(
  '%j is no moment',
  (text) => {
    expect(() => moment(text)).toThrowError(/cannot be used/);
  },
);
