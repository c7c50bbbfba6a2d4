import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StoredEvent } from '../../log/index.ts';
import type { DomainEventType } from '../events.ts';
import { emptyOffice, type OfficeState } from '../office-state.ts';
import { dataschemaOf, domainTypes } from '../registry.ts';
import { anyHistory, deepFreeze } from '../testing/histories.ts';
import { applyEvent, foldEvents } from './fold.ts';

const types = Object.keys(domainTypes) as DomainEventType[];

const continued = (state: OfficeState, events: readonly StoredEvent[]) => {
  for (const event of events) applyEvent(state, event);
  return state;
};

/** What an office is apart from how far it has read. */
const meaning = ({ position: _, ...rest }: OfficeState) => rest;

test('any prefix folded, kept as plain data, and continued is the fold of all', () => {
  fc.assert(
    fc.property(anyHistory, fc.nat(), (history, cut) => {
      const at = history.length === 0 ? 0 : cut % (history.length + 1);
      const kept = structuredClone(foldEvents(history.slice(0, at)));
      expect(continued(kept, history.slice(at))).toEqual(foldEvents(history));
    }),
    { numRuns: 300 },
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

test('unknown types and domain types said by apps change nothing', () => {
  fc.assert(
    fc.property(anyHistory, fc.infiniteStream(fc.nat(3)), (history, picks) => {
      const mixed: StoredEvent[] = [];
      for (const event of history) {
        const pick = picks.next().value;
        if (pick === 0) mixed.push({ ...event, type: `${event.type}_elsewhere` });
        if (pick === 1) mixed.push({ ...event, actor: 'app:0191e7c2-1111-7222-8333-444455556666' });
        if (pick === 2) mixed.push({ ...event, type: 'constructor' });
        mixed.push(event);
      }
      const renumbered = mixed.map((event, index) => ({ ...event, position: index + 1 }));
      expect(meaning(foldEvents(renumbered))).toEqual(meaning(foldEvents(history)));
    }),
    { numRuns: 200 },
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
      },
    ),
    { numRuns: 300 },
  );
});
