import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GuestFigures, parseFigures } from './figures.ts';

test('takes what is a figure and nothing else', () => {
  const said = { instances: 2, fuel_used: 7, requests: 9, trapped: -1, refused: '3', memory_exhausted: null };
  expect(parseFigures(said)).toEqual({ instances: 2, fuel_used: 7 });
  expect(parseFigures({ fuel_used: 1e300, trapped: Number.NaN })).toEqual({
    fuel_used: Number.MAX_SAFE_INTEGER,
  });
});

test('counts never fall, whatever a guest says and however often it is replaced; how it stands is its last word', () => {
  const step = fc.option(fc.record({ fuel_used: fc.nat(), instances: fc.nat(16) }), {
    nil: 'ended' as const,
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const figures = new GuestFigures();
      let before = 0;
      for (const each of steps) {
        if (each === 'ended') figures.ended();
        else figures.heard(each);
        const { fuel_used = 0, instances = 0 } = figures.current();
        expect(fuel_used).toBeGreaterThanOrEqual(before);
        expect(instances).toBe(each === 'ended' ? 0 : each.instances);
        before = fuel_used;
      }
    }),
  );
});

test('a new guest goes on where the one before has ended', () => {
  const figures = new GuestFigures();
  figures.heard({ trapped: 2 });
  figures.ended();
  figures.heard({ trapped: 3 });
  expect(figures.current().trapped).toBe(5);
});
