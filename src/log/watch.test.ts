import { expect, test } from 'vitest';
import { codeOf, draft } from './conformance/harness.ts';
import type { StoredEvent } from './envelope.ts';
import { logClosed } from './errors.ts';
import { iterate, type Watch } from './watch.ts';

/** A watch whose events come when the test says so. */
function byHand() {
  const there: StoredEvent[] = [];
  let ended: Watch['ended'] = null;
  let arrived = () => {};
  const events = iterate((call) => {
    arrived = call;
    return {
      take: () => there.shift() ?? null,
      get ended() {
        return ended;
      },
      close() {
        ended ??= { error: null };
      },
    };
  });
  return {
    events,
    bring(...positions: number[]) {
      there.push(...positions.map((position) => ({ specversion: '1.0' as const, ...draft(), position })));
      arrived();
    },
    end(error: unknown) {
      ended = { error };
      arrived();
    },
    call: () => arrived(),
  };
}

test('events are handed out in order, to askers in order, whatever it is called for', async () => {
  const { events, bring, call } = byHand();
  const asked = [events.next(), events.next(), events.next()];
  call(); // for nothing
  bring(1, 2);
  bring(3);
  expect((await Promise.all(asked)).map(({ value }) => value?.position)).toEqual([1, 2, 3]);
});

test('what ended it is thrown once, after the events before it', async () => {
  const { events, bring, end } = byHand();
  const first = events.next();
  bring(1, 2);
  end(logClosed());
  expect((await first).value?.position).toBe(1);
  expect((await events.next()).value?.position).toBe(2);
  expect(await codeOf(events.next())).toBe('log_unavailable');
  expect(await events.next()).toEqual({ done: true, value: undefined });
});

test('who waits is released when it is given up', async () => {
  const { events } = byHand();
  const waiting = events.next();
  await events.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(await events.next()).toEqual({ done: true, value: undefined });
});
