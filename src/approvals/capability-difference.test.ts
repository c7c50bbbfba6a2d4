import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { capabilityDifference, isWithinGrant, newCapabilities } from './capability-difference.ts';
import { allowedBy, WORLD } from './capability-world.fixture.ts';
import { decisionHash } from './decision-hash.ts';

const nothing = { added: [], widened: [], removed: [], kept: [] };

describe('the difference', () => {
  test.each([
    [
      'a first request is all new',
      [],
      ['http:a.x.com', 'visibility:public'],
      { added: ['http:a.x.com', 'visibility:public'] },
    ],
    ['the same is kept', ['http:a.x.com'], ['http:a.x.com'], { kept: ['http:a.x.com'] }],
    [
      'a wildcard widens what it takes in',
      ['http:api.x.com', 'http:b.x.com', 'http:y.com'],
      ['http:*.x.com', 'http:y.com'],
      { widened: [{ from: ['http:api.x.com', 'http:b.x.com'], to: 'http:*.x.com' }], kept: ['http:y.com'] },
    ],
    [
      'narrowing keeps the one and gives the other back',
      ['http:*.x.com'],
      ['http:api.x.com'],
      { removed: ['http:*.x.com'], kept: ['http:api.x.com'] },
    ],
    [
      'a limit that grows is widened',
      ['limit:memory_mb=1024'],
      ['limit:memory_mb=2048'],
      { widened: [{ from: ['limit:memory_mb=1024'], to: 'limit:memory_mb=2048' }] },
    ],
    [
      'a weaker class is widened',
      ['isolation:process'],
      ['isolation:wasm-bare'],
      { widened: [{ from: ['isolation:process'], to: 'isolation:wasm-bare' }] },
    ],
    [
      'what only overlaps is new, and what it overlaps with is given back',
      ['http:https://*.x.com'],
      ['http:api.x.com'],
      { added: ['http:api.x.com'], removed: ['http:https://*.x.com'] },
    ],
    [
      'another port is new',
      ['http:x.com'],
      ['http:x.com', 'http:x.com:8443'],
      { added: ['http:x.com:8443'], kept: ['http:x.com'] },
    ],
    [
      'what nobody understands is compared as text',
      ['odd'],
      ['odd', 'odder'],
      { added: ['odder'], kept: ['odd'] },
    ],
    [
      'what is no longer asked for is removed',
      ['secret:k', 'secret:l'],
      ['secret:l'],
      { removed: ['secret:k'], kept: ['secret:l'] },
    ],
  ])('%s', (_, granted, requested, difference) => {
    expect(capabilityDifference(granted, requested)).toEqual({ ...nothing, ...difference });
  });

  test('is nothing to decide about when only something is given back', () => {
    expect(isWithinGrant(capabilityDifference(['secret:k'], []))).toBe(true);
    expect(isWithinGrant(capabilityDifference([], ['secret:k']))).toBe(false);
    const widened = capabilityDifference(['http:a.x.com'], ['http:*.x.com', 'secret:k']);
    expect(isWithinGrant({ ...widened, added: [] })).toBe(false);
    expect(newCapabilities(widened)).toEqual(['http:*.x.com', 'secret:k']);
  });
});

test('thousands of lines are compared without reading each once for each other', () => {
  const hosts = (name: string) => Array.from({ length: 1500 }, (_, index) => `http:${name}${index}.x.com`);
  const started = performance.now();
  expect(capabilityDifference(hosts('a'), hosts('b')).added).toHaveLength(1500);
  expect(performance.now() - started).toBeLessThan(5_000); // otherwise a minute
});

function isWithin(inner: Iterable<string>, outer: ReadonlySet<string>): boolean {
  return [...inner].every((each) => outer.has(each));
}

// Few kinds at a time, so that what is asked for and what is granted have to do with each other.
const lines = fc
  .constantFrom(...new Set(WORLD.map(({ text }) => text.split(':', 1)[0])))
  .chain((kind) =>
    fc.array(
      fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...WORLD.filter(({ text }) => text.startsWith(`${kind}`))) },
        fc.constantFrom(...WORLD),
      ),
      { maxLength: 5 },
    ),
  );
const texts = lines.map((some) => some.map(({ text }) => text));
const both = fc.oneof(
  fc.tuple(texts, texts),
  // A request made of what the grant allows, or nearly so.
  texts.chain((granted) => {
    const allowed = allowedBy(granted);
    const within = WORLD.filter((line) => isWithin(line.allows, allowed)).map(({ text }) => text);
    const some = within.length === 0 ? texts : fc.array(fc.constantFrom(...within), { maxLength: 5 });
    return fc.tuple(fc.constant(granted), some);
  }),
);

describe('whatever is granted and asked for', () => {
  test('a request with nothing new allows nothing that the grant did not', () => {
    let within = 0;
    fc.assert(
      fc.property(both, ([granted, requested]) => {
        const difference = capabilityDifference(granted, requested);
        if (!isWithinGrant(difference)) return;
        within++;
        expect(isWithin(allowedBy(requested), allowedBy(granted))).toBe(true);
      }),
      { numRuns: 5000 },
    );
    expect(within).toBeGreaterThan(1000);
  });

  test('what is kept was allowed, and what is given back is not allowed any more to its whole extent', () => {
    fc.assert(
      fc.property(both, ([granted, requested]) => {
        const { kept, removed, widened } = capabilityDifference(granted, requested);
        expect(isWithin(allowedBy(kept), allowedBy(granted))).toBe(true);
        for (const line of removed) {
          for (const request of requested) {
            expect(isWithin(allowedBy([line]), allowedBy([request]))).toBe(false);
          }
        }
        for (const { from, to } of widened) {
          expect(from.length).toBeGreaterThan(0);
          expect(isWithin(allowedBy(from), allowedBy([to]))).toBe(true);
          for (const line of granted) expect(isWithin(allowedBy([to]), allowedBy([line]))).toBe(false);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test('every line that is asked for stands in one place, and every granted one that goes is named', () => {
    fc.assert(
      fc.property(both, ([granted, requested]) => {
        const difference = capabilityDifference(granted, requested);
        const { kept, removed, widened } = difference;
        expect([...newCapabilities(difference), ...kept].sort()).toEqual([...new Set(requested)].sort());
        const stays = granted.filter((line) =>
          requested.some((each) => isWithin(allowedBy([line]), allowedBy([each]))),
        );
        expect(new Set([...stays, ...removed])).toEqual(new Set(granted));
        expect(widened.flatMap(({ from }) => from).every((line) => granted.includes(line))).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test('the order and repetitions do not count, also not in the hash', () => {
    fc.assert(
      fc.property(both, ([granted, requested]) => {
        const difference = capabilityDifference(granted, requested);
        const other = capabilityDifference([...granted, ...granted].reverse(), [...requested].reverse());
        expect(other).toEqual(difference);
        expect(decisionHash({ ...other })).toBe(decisionHash({ ...difference }));
      }),
    );
  });

  test('other differences have other hashes', () => {
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(both, ([granted, requested]) => {
        const difference = capabilityDifference(granted, requested);
        const hash = decisionHash({ ...difference });
        expect(hash).toMatch(/^[0-9a-f]{64}$/);
        const text = JSON.stringify(difference);
        expect(seen.get(hash) ?? text).toBe(text);
        seen.set(hash, text);
      }),
    );
    expect(seen.size).toBeGreaterThan(50);
  });
});
