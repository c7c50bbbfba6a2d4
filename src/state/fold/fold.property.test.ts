import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject, StoredEvent } from '../../log/index.ts';
import { canonicalJson } from '../document/canonical-json.ts';
import { stateDocument } from '../document/state-document.ts';
import type { DomainEventType } from '../events.ts';
import { emptyOffice, type OfficeState } from '../office-state.ts';
import { dataschemaOf, domainTypes } from '../registry.ts';
import { decodeSnapshot, encodeSnapshot } from '../snapshot/snapshot.ts';
import { digest } from '../testing/examples.ts';
import { anyHistory, deepFreeze, independentHistories, interleaved } from '../testing/histories.ts';
import { applyEvent, foldEvents } from './fold.ts';

const types = Object.keys(domainTypes) as DomainEventType[];

const continued = (state: OfficeState, events: readonly StoredEvent[]) => {
  for (const event of events) applyEvent(state, event);
  return state;
};

/** All of the first history, then all of the second … */
function* inTurn(): Generator<number> {
  for (;;) yield 0;
}

const CODE = digest(0xc0de);

const bytesOf = (state: OfficeState) => canonicalJson(stateDocument(state, null));

/** Positions follow from the order of the whole log, in no other way than that later is greater. */
function apartFromPositions(state: OfficeState): OfficeState {
  state.position = 0;
  for (const { assignment } of [...state.apps.values()].flatMap((app) => [...app.placements.values()])) {
    assignment.stopPosition = 0;
    assignment.restartPosition = 0;
    assignment.resetPosition = 0;
    assignment.purgePosition = Math.min(assignment.purgePosition, 1);
    assignment.purgeDataPosition = Math.min(assignment.purgeDataPosition, 1);
  }
  return state;
}

/** Any way to keep a state for later: the snapshot on disk, and what structured clone does between threads. */
const kept: [string, (state: OfficeState) => OfficeState | null][] = [
  ['a snapshot', (state) => decodeSnapshot(encodeSnapshot(state, CODE), CODE)],
  ['plain data', (state) => structuredClone(state)],
];

test.each(kept)('any prefix folded, kept as %s, and continued is the fold of all', (_, keep) => {
  fc.assert(
    fc.property(anyHistory, fc.nat(), (history, cut) => {
      const at = cut % (history.length + 1);
      const state = keep(foldEvents(history.slice(0, at)));
      expect(state).not.toBeNull();
      if (state === null) return;
      const all = foldEvents(history);
      expect(continued(state, history.slice(at))).toEqual(all);
      expect(bytesOf(state)).toBe(bytesOf(all));
    }),
    { numRuns: 100 },
  );
});

test('histories that have nothing in common lead to the same whatever their order', () => {
  fc.assert(
    fc.property(independentHistories, fc.infiniteStream(fc.nat(5)), (histories, picks) => {
      const one = foldEvents(interleaved(histories, picks));
      const other = foldEvents(interleaved(histories, inTurn()));
      expect(bytesOf(apartFromPositions(one))).toBe(bytesOf(apartFromPositions(other)));
    }),
    { numRuns: 100 },
  );
});

test('events delivered again, from any earlier cursor, change nothing', () => {
  fc.assert(
    fc.property(anyHistory, fc.array(fc.nat(), { maxLength: 5 }), (history, cursors) => {
      const state = emptyOffice();
      for (const event of history) {
        applyEvent(state, event);
        for (const cursor of cursors)
          continued(state, history.slice(cursor % event.position, event.position));
      }
      expect(state).toEqual(foldEvents(history));
    }),
    { numRuns: 100 },
  );
});

test('what is not folded changes nothing: unknown types, what apps say, traffic, erased and malformed bodies', () => {
  fc.assert(
    fc.property(anyHistory, anyHistory, fc.infiniteStream(fc.nat()), (history, others, picks) => {
      const noise = others.map((event) => unfolded(event, picks.next().value ?? 0));
      const mixed = foldEvents(interleaved([history, noise], picks));
      expect(bytesOf(apartFromPositions(mixed))).toBe(bytesOf(apartFromPositions(foldEvents(history))));
    }),
    { numRuns: 150 },
  );
});

/** An event like this one that nothing may follow from. */
function unfolded(event: StoredEvent, pick: number): StoredEvent {
  const ways: Partial<StoredEvent>[] = [
    { type: `${event.type}_elsewhere` },
    { type: 'constructor' },
    { actor: 'app:0191e7c2-1111-7222-8333-444455556666' },
    { class: 'traffic' },
    { erased: `sha256:${CODE}` },
    { data: {}, erased: `sha256:${CODE}` },
    { data: spoiled(event.data, pick) },
  ];
  return { ...event, ...ways[pick % ways.length] };
}

/** The data with one field gone, or of a type that no field has. */
function spoiled(data: JsonObject, place: number): JsonObject {
  const names = Object.keys(data);
  const name = names[place % names.length] ?? '';
  const { [name]: _, ...rest } = data;
  return place % 2 === 0 ? rest : { ...rest, [name]: [[]] };
}

test('every credential has one token, every token one credential, and a revoked one none', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      const { credentials, tokenHashes, revokedHashes } = foldEvents(history);
      expect([...tokenHashes].map(([id, hash]) => [hash, id]).sort()).toEqual(
        [...credentials].map(([hash, { id }]) => [hash, id]).sort(),
      );
      expect([...revokedHashes].filter((hash) => credentials.has(hash))).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('the fold leaves its events alone', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      foldEvents(history.map((event) => deepFreeze(structuredClone(event))));
    }),
    { numRuns: 100 },
  );
});

test('no data whatever of a known type makes the fold throw: an office must start', () => {
  fc.assert(
    fc.property(
      anyHistory,
      fc.array(fc.tuple(fc.constantFrom(...types), fc.jsonValue(), fc.boolean()), { maxLength: 20 }),
      (history, strange) => {
        const state = foldEvents(history);
        for (const [type, value, merged] of strange) {
          const base = history.find((event) => event.type === type)?.data ?? {};
          const data = { ...(merged ? base : {}), ...(typeof value === 'object' ? value : { app: value }) };
          const event = { ...history[0], type, data, actor: 'system', dataschema: dataschemaOf(type) };
          applyEvent(state, { ...event, position: state.position + 1 } as StoredEvent);
        }
        expect(JSON.parse(bytesOf(state))).toEqual(stateDocument(state, null));
        expect(decodeSnapshot(encodeSnapshot(state, CODE), CODE)).toEqual(state);
      },
    ),
    { numRuns: 150 },
  );
});
