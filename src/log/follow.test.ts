import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codeOf, draft, range } from './conformance/harness.ts';
import type { StoredEvent } from './envelope.ts';
import { passesFilter } from './filter.ts';
import { follow } from './follow.ts';
import type { EventFilter, EventPage, Gap, ReadQuery } from './log-store.ts';
import { createTail } from './tail.ts';
import { iterate } from './watch.ts';

/** A log in an array, whose tail holds little and is told late: what a store with a disk and a thread does. */
function smallLog(bounds = { events: 6, size: 2500, freshMs: -1 }) {
  const stored: StoredEvent[] = [];
  const appended: StoredEvent[] = [];
  const damaged = new Set<number>();
  const tail = createTail(0, bounds);
  let reads = 0;
  const read = async (query: ReadQuery): Promise<EventPage> => {
    reads++;
    await Promise.resolve();
    const { after = 0, limit = 100 } = query;
    const rest = stored.filter((event) => event.position > after && passesFilter(query, event));
    const page = rest.slice(0, Math.min(limit, 3));
    return {
      events: page.filter((event) => !damaged.has(event.position)).map((event) => structuredClone(event)),
      damaged: page.flatMap(({ position }) => (damaged.has(position) ? [position] : [])),
      next: rest.length > page.length ? (page.at(-1)?.position ?? null) : null,
      head: stored.length,
    };
  };
  return {
    stored,
    /** As they were before anything was erased. */
    appended,
    damaged,
    tail,
    get reads() {
      return reads;
    },
    append(change: Parameters<typeof draft>[0] = {}) {
      const event: StoredEvent = { specversion: '1.0', ...draft(change), position: stored.length + 1 };
      stored.push(event);
      appended.push(event);
    },
    /** Tells the tail of the next events. */
    tell(count = Number.POSITIVE_INFINITY) {
      const upTo = Math.min(stored.length, tail.head + count);
      tail.publish(
        range(tail.head + 1, upTo).map((n) => ({
          event: appended[n - 1]!,
          text: JSON.stringify(appended[n - 1]!),
        })),
      );
    },
    erase(position: number) {
      const event = stored[position - 1];
      if (event === undefined) return;
      stored[position - 1] = { ...event, data: {}, erased: 'sha256:0' };
      tail.forget(position);
    },
    follow: (filter: EventFilter, after: number, signal: AbortSignal, onGap?: (gap: Gap) => void) =>
      iterate((arrived) =>
        follow(read, tail, { ...filter, after, ...(onGap && { onGap }) }, signal, arrived),
      ),
  };
}

/** Lets everything that can go on without a timer go on. */
const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

const filters: readonly EventFilter[] = [
  {},
  { subject: 'app/0' },
  { subject: 'app/1', types: ['said'] },
  { types: ['said', 'made'] },
  { segments: ['tenant_*.apps'] },
  { segments: ['tenant_a.apps'] },
  { segments: ['tenant_a.apps', 'platform.llm'] },
  { segments: [] },
];
const action = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      subject: fc.nat(2),
      type: fc.nat(2),
      segment: fc.nat(1),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('tell' as const), count: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('subscribe' as const),
      filter: fc.nat(filters.length - 1),
      after: fc.nat(30),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('take' as const), who: fc.nat(9), count: fc.nat(6) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('erase' as const), position: fc.integer({ min: 1, max: 30 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: fc.nat(9) }) },
);

test('whoever subscribes to whatever, whenever, however slowly, gets what the pages give: in order, no gap, no repeat', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 120, size: 'max' }), async (actions) => {
      const log = smallLog();
      const subscriptions: Subscription[] = [];
      for (const one of actions) {
        if (one.kind === 'append') {
          const type = ['made', 'said', 'gone'][one.type] ?? '';
          const segment = ['tenant_a.apps', 'platform.llm'][one.segment] ?? '';
          log.append({ type, segment, subject: `app/${one.subject}`, data: { n: log.stored.length } });
        } else if (one.kind === 'tell') log.tell(one.count);
        else if (one.kind === 'erase') log.erase(one.position);
        else if (one.kind === 'subscribe')
          subscriptions.push(subscription(log, filters[one.filter] ?? {}, one.after));
        else {
          const asked = subscriptions[one.who % Math.max(subscriptions.length, 1)];
          if (one.kind === 'leave') await asked?.leave();
          else await asked?.take(one.count);
        }
      }
      log.tell();
      for (const one of subscriptions) await one.finish();
      expect(log.tail.waiting).toBe(0);
    }),
    { numRuns: 300 },
  );
});

type Subscription = ReturnType<typeof subscription>;

/** A subscription that is read by hand, and checked against the log at its end. */
function subscription(log: ReturnType<typeof smallLog>, filter: EventFilter, after: number) {
  const stop = new AbortController();
  const taken: StoredEvent[] = [];
  let erased = 0;
  const events = log.follow(filter, after, stop.signal, (gap) => {
    if (gap.kind === 'erased') erased += gap.count;
  });
  let asked: Promise<void> | null = null;
  let left = false;
  const ask = () => {
    asked ??= events.next().then(({ value, done }) => {
      asked = null;
      if (done) return;
      expect(value).toEqual(log.appended[value.position - 1]);
      taken.push(value);
    });
  };
  const take = async (count: number) => {
    for (let n = 0; n < count && !left; n++) {
      ask();
      await settled();
    }
  };
  return {
    take,
    async leave() {
      left = true;
      stop.abort();
      await asked;
      await events.return?.();
    },
    async finish() {
      const wanted = log.stored.filter((event) => event.position > after && passesFilter(filter, event));
      if (!left) {
        await take(wanted.length + 3);
        const kept = new Set(taken.map((event) => event.position));
        const missing = wanted.filter((event) => !kept.has(event.position));
        expect(missing.every((event) => event.erased !== undefined)).toBe(true);
        expect(erased).toBe(missing.length);
        await this.leave();
      }
      const positions = taken.map((event) => event.position);
      const before = new Set(positions);
      expect(positions).toEqual(wanted.map((event) => event.position).filter((one) => before.has(one)));
    },
  };
}

test('at the head nothing is read from the store, and everybody gets the same object', async () => {
  const log = smallLog();
  const stop = new AbortController();
  const both = range(1, 2).map(() => log.follow({ subject: 'app/1' }, 0, stop.signal));
  const next = both.map((events) => events.next());
  await settled();
  expect(log.tail.waiting).toBe(2);
  log.append({ subject: 'app/2' });
  log.append({ subject: 'app/1' });
  log.tell();
  const [one, other] = await Promise.all(next);
  expect(one?.value).toMatchObject({ position: 2 });
  expect(other?.value).toBe(one?.value);
  expect(log.reads).toBe(0);
  stop.abort();
});

test('erased events are told before the next event, and at the head without one', async () => {
  const log = smallLog({ events: 2, size: 1000, freshMs: 20 });
  for (const _ of range(1, 9)) log.append();
  log.tell();
  for (const position of [2, 3, 5, 8, 9]) log.erase(position);
  const stop = new AbortController();
  const told: unknown[] = [];
  const events = log.follow({}, 0, stop.signal, (gap) => told.push(gap));
  for (const _ of range(1, 4)) told.push((await events.next()).value?.position);
  void events.next();
  await settled();
  expect(told).toEqual([
    1,
    { kind: 'erased', count: 2, through: 3 },
    4,
    { kind: 'erased', count: 1, through: 5 },
    6,
    7,
    { kind: 'erased', count: 2, through: 9 },
  ]);
  stop.abort();
});

test('a damaged event is told, or ends the subscription after those before it when nobody wants to be told', async () => {
  const log = smallLog({ events: 1, size: 1000, freshMs: 20 });
  for (const _ of range(1, 8)) log.append();
  log.tell();
  for (const position of [3, 4, 7]) log.damaged.add(position);
  const stop = new AbortController();
  const told: unknown[] = [];
  const events = log.follow({}, 0, stop.signal, (gap) => told.push(gap));
  for (const _ of range(1, 5)) told.push((await events.next()).value?.position);
  expect(told).toEqual([
    1,
    2,
    { kind: 'damaged', positions: [3, 4] },
    5,
    6,
    { kind: 'damaged', positions: [7] },
    8,
  ]);
  const silent = log.follow({}, 0, stop.signal);
  expect([(await silent.next()).value?.position, (await silent.next()).value?.position]).toEqual([1, 2]);
  expect(await codeOf(silent.next())).toBe('event_damaged');
  stop.abort();
});

test('what is erased before a reader took it from the tail, or before the tail was told of it, is not delivered', async () => {
  const log = smallLog();
  const stop = new AbortController();
  const told: unknown[] = [];
  const events = log.follow({}, 0, stop.signal, (gap) => told.push(gap));
  const take = async () => told.push((await events.next()).value?.position);
  const first = take();
  await settled();
  for (const _ of range(1, 3)) log.append();
  log.tell();
  await first;
  log.erase(2); // in the tail
  await take();
  const third = take();
  await settled();
  for (const _ of range(4, 5)) log.append();
  log.erase(4); // on its way there
  log.tell();
  await third;
  expect(told).toEqual([
    1,
    { kind: 'erased', count: 1, through: 2 },
    3,
    { kind: 'erased', count: 1, through: 4 },
    5,
  ]);
  stop.abort();
});

test('many readers are woken over several turns of the event loop', async () => {
  const log = smallLog();
  const stop = new AbortController();
  let told = 0;
  for (const _ of range(1, 1000))
    void log
      .follow({}, 0, stop.signal)
      .next()
      .then(() => told++);
  await settled();
  expect(log.tail.waiting).toBe(1000);
  log.append();
  log.tell();
  await Promise.resolve().then(() => {}); // microtasks only
  await new Promise(process.nextTick);
  expect(told).toBeLessThan(200);
  while (told < 1000) await settled();
  stop.abort();
});
