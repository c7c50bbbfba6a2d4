import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createChoice } from './choice.ts';

const one = (place: string, open = 0) => ({ place, load: { open } });

test('chooses where the fewest requests are under way, and takes turns where there are equally few', () => {
  const choice = createChoice<ReturnType<typeof one>>();
  expect(choice.next()).toBeNull();
  const [a, b, c] = [one('a', 2), one('b', 1), one('c', 1)];
  for (const each of [a, b, c]) choice.put(each);
  const taken = () => choice.next()?.place;
  expect([taken(), taken(), taken()]).toEqual(['b', 'c', 'b']);
  a.load.open = 0;
  expect([taken(), taken()]).toEqual(['a', 'a']);
  choice.remove('a');
  choice.put({ ...b, load: { open: 5 } });
  expect([taken(), taken()]).toEqual(['c', 'c']);
  choice.clear();
  expect(choice.next()).toBeNull();
});

test('however they come and go, no place has two more requests than another that is there as long', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.boolean(), { maxLength: 200 }),
      (count, steps) => {
        const choice = createChoice<ReturnType<typeof one>>();
        const all = Array.from({ length: count }, (_, index) => one(String(index)));
        for (const each of all) choice.put(each);
        for (const begins of steps) {
          if (begins) {
            const chosen = choice.next()!;
            expect(chosen.load.open).toBe(Math.min(...all.map(({ load }) => load.open)));
            chosen.load.open += 1;
          } else {
            const busiest = all.reduce((most, each) => (each.load.open > most.load.open ? each : most));
            if (busiest.load.open > 0) busiest.load.open -= 1;
          }
        }
        const loads = all.map(({ load }) => load.open);
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
      },
    ),
  );
});
