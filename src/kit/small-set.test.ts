import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SmallSet } from './small-set.ts';

const things = Array.from({ length: 5 }, (_, index) => ({ index }));
const change = fc.record({ what: fc.constantFrom('add', 'delete', 'has', 'clear'), which: fc.nat(4) });

test('says the same as a Set, whatever is done to it', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const small = new SmallSet<object>();
      const plain = new Set<object>();
      for (const { what, which } of changes) {
        const thing = things[which] ?? {};
        if (what === 'delete') expect(small.delete(thing)).toBe(plain.delete(thing));
        else if (what === 'has') expect(small.has(thing)).toBe(plain.has(thing));
        else if (what === 'clear') for (const set of [small, plain]) set.clear();
        else for (const set of [small, plain]) set.add(thing);
        expect(new Set(small)).toEqual(plain);
        expect(small.size).toBe(plain.size);
      }
    }),
  );
});
