import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ClockHistory, judgeClock } from './judge-clock.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const START = Date.parse('2026-05-01T00:00:00Z');

/** Looks at the clock at each of these times, one after the other. */
function looks(...times: readonly number[]): boolean[] {
  let history: ClockHistory = { believed: START, doubted: null };
  return times.map((now) => {
    const judgement = judgeClock(history, now, HOUR);
    history = judgement.history;
    return judgement.believe;
  });
}

test('a clock that goes on, stands or steps back is believed', () => {
  expect(looks(START, START + HOUR, START + 2 * HOUR, START + 20 * HOUR)).toEqual([true, true, true, true]);
  expect(looks(START - YEAR, START - YEAR + HOUR)).toEqual([true, true]);
});

test('a leap is believed a run later, when the clock has gone on from there', () => {
  expect(looks(START + YEAR, START + YEAR + HOUR)).toEqual([false, true]);
});

test('a leap that was a mistake is never believed', () => {
  expect(looks(START + YEAR, START + HOUR, START + 2 * HOUR)).toEqual([false, true, true]);
  expect(looks(START + YEAR, START + 2 * YEAR, START + 3 * YEAR)).toEqual([false, false, false]);
  expect(looks(START + YEAR, START + YEAR / 2, START + YEAR / 2 + HOUR)).toEqual([false, false, true]);
});

test('looking again at once is no second look, however often', () => {
  const often = Array.from({ length: 20 }, (_, n) => START + YEAR + n * 60_000);
  expect(looks(...often)).not.toContain(true);
  expect(looks(...often, START + YEAR + HOUR)).toContain(true);
});

test('one wrong look among right ones never makes a believed time more than a day later than the last one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ leap: fc.integer({ min: -3 * YEAR, max: 3 * YEAR }), wrong: fc.boolean() }), {
        maxLength: 30,
      }),
      (steps) => {
        let history: ClockHistory = { believed: START, doubted: null };
        let time = START;
        let wrongBefore = false;
        for (const { leap, wrong } of steps) {
          time += HOUR;
          const isWrong: boolean = wrong && !wrongBefore; // never two wrong ones in a row
          const now = isWrong ? time + leap : time;
          const judgement = judgeClock(history, now, HOUR);
          if (judgement.believe) expect(now).toBeLessThanOrEqual(time + DAY);
          history = judgement.history;
          wrongBefore = isWrong;
        }
      },
    ),
  );
});
