import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StoredEvent } from '../envelope.ts';
import type { EventFilter, EventPage, LogStore, ReadQuery } from '../log-store.ts';
import {
  codeOf,
  draft,
  type MakeLog,
  momentBetween,
  positionsOf,
  range,
  readAll,
  readPages,
  withLog,
} from './harness.ts';

/** Two offices, three types, five subjects, in a fixed pattern. */
async function fill(log: LogStore, count: number): Promise<void> {
  for (const n of range(1, count)) {
    await log.append(
      draft({
        segment: ['tenant_a.apps', 'tenant_b.apps', 'platform.hosts.one', 'tenant_a.chat'][n % 4] ?? '',
        type: ['app_made', 'app_gone', 'said'][n % 3] ?? '',
        subject: `app/${n % 5}`,
        data: { n },
      }),
    );
  }
}

/** Pages, filters and cursors. */
export function readCases(make: MakeLog): void {
  test('pages follow each other without a gap or a repeat and end with next null', () =>
    withLog(make, async (log) => {
      await fill(log, 25);
      const pages: number[][] = [];
      let after: number | null = 0;
      while (after !== null) {
        const page = await log.read({ after, limit: 10 });
        expect(page.head).toBe(25);
        pages.push(positionsOf(page.events));
        after = page.next;
      }
      expect(pages).toEqual([range(1, 10), range(11, 20), range(21, 25)]);
    }));

  test('a page that ends at the head says so, and reading beyond gives nothing', () =>
    withLog(make, async (log) => {
      await fill(log, 10);
      expect((await log.read({ limit: 10 })).next).toBeNull();
      expect(await log.read({ after: 10 })).toEqual({ events: [], next: null, head: 10, damaged: [] });
      expect(await log.read({ after: 1000 })).toEqual({ events: [], next: null, head: 10, damaged: [] });
    }));

  test('every filter, alone and together, gives what a scan of the whole log gives', () =>
    withLog(make, async (log) => {
      await fill(log, 120);
      const { events: all } = await log.read({ limit: 1000 });
      const filters: [EventFilter, (event: (typeof all)[number]) => boolean][] = [
        [{ segments: ['tenant_a.apps'] }, (e) => e.segment === 'tenant_a.apps'],
        [{ segments: ['tenant_*.apps'] }, (e) => /^tenant_[^.]*\.apps$/.test(e.segment)],
        [{ segments: ['*.hosts.*', 'tenant_a.*'] }, (e) => /^(platform\.hosts\.|tenant_a\.)/.test(e.segment)],
        [{ segments: ['platform.*'] }, () => false],
        [{ types: ['said'] }, (e) => e.type === 'said'],
        [{ types: ['said', 'app_gone'] }, (e) => e.type !== 'app_made'],
        [{ types: ['never'] }, () => false],
        [{ subject: 'app/3' }, (e) => e.subject === 'app/3'],
        [{ subject: 'app/99' }, () => false],
        [{ subject: 'app/3', types: ['said'] }, (e) => e.subject === 'app/3' && e.type === 'said'],
        [
          { subject: 'app/3', segments: ['tenant_b.*', 'platform.hosts.one'] },
          (e) => e.subject === 'app/3' && !e.segment.startsWith('tenant_a'),
        ],
        [
          { segments: ['tenant_a.*'], types: ['app_made'] },
          (e) => e.segment.startsWith('tenant_a') && e.type === 'app_made',
        ],
        [{ segments: [] }, () => false],
        [{ types: [] }, () => false],
      ];
      for (const [filter, passes] of filters) {
        const wanted = positionsOf(all.filter(passes));
        const got: number[] = [];
        let after: number | null = 0;
        while (after !== null) {
          const page = await log.read({ ...filter, after, limit: 7 });
          got.push(...positionsOf(page.events));
          after = page.next;
        }
        expect(got, JSON.stringify(filter)).toEqual(wanted);
      }
    }));

  test('many streams under one pattern are read in the order of the log', () =>
    withLog(make, async (log) => {
      await Promise.all(
        range(1, 300).map((n) => log.append(draft({ segment: `platform.hosts.h${n % 100}` }))),
      );
      await log.append(draft({ segment: 'tenant_a.apps' }));
      const page = await log.read({ segments: ['platform.hosts.*'], after: 50, limit: 200 });
      expect(positionsOf(page.events)).toEqual(range(51, 250));
      expect(page.next).toBe(250);
    }));

  test('a page of large events ends early and says where to go on', () =>
    withLog(make, async (log) => {
      const text = 'x'.repeat(60_000);
      await Promise.all(range(1, 60).map(() => log.append(draft({ data: { text } }))));
      const positions: number[] = [];
      let after: number | null = 0;
      let pages = 0;
      while (after !== null) {
        const page = await log.read({ after, limit: 1000 });
        positions.push(...positionsOf(page.events));
        after = page.next;
        pages++;
      }
      expect(positions).toEqual(range(1, 60));
      expect(pages).toBeGreaterThan(1);
    }));

  test('a query that makes no sense is refused', () =>
    withLog(make, async (log) => {
      for (const query of [
        { limit: 0 },
        { limit: 1001 },
        { limit: 1.5 },
        { after: -1 },
        { after: Number.NaN },
        { segments: ['a..b'] },
        { segments: ['Tenant'] },
        { before: -1 },
        { before: 1.5 },
        { since: 'yesterday' },
        { since: '2026-01-01' },
        { until: '2026-13-01T00:00:00Z' },
        { until: '2026-01-01T00:00:00' },
        { order: 'upwards' as never },
        { class: 'other' as never },
      ]) {
        expect(await codeOf(log.read(query)), JSON.stringify(query)).toBe('query_invalid');
      }
      expect(await codeOf(log.append(draft(), { expectedPosition: -1 }))).toBe('query_invalid');
    }));

  test('any query, page by page, gives what the same filter over all events in memory gives', () =>
    withLog(make, async (log) => {
      const moments = await fillMixed(log);
      const all = await readAll(log);
      await fc.assert(
        fc.asyncProperty(queries(moments), async (query) => {
          const wanted = all.filter((event) => passes(query, event, moments));
          if (query.order === 'newest') wanted.reverse();
          const pages: StoredEvent[] = [];
          let cursor: ReadQuery | null = {};
          while (cursor !== null) {
            const page: EventPage = await log.read({ ...query, ...cursor });
            expect(page.events.length).toBeLessThanOrEqual(query.limit ?? 100);
            expect(page).toMatchObject({ head: all.length, damaged: [] });
            pages.push(...page.events);
            // Where offices are picked by who asks, events of others may have come after the last one of the page.
            if (page.next !== null && query.tenants === undefined) {
              expect(page.events.at(-1)?.position).toBe(page.next);
            }
            cursor =
              page.next === null
                ? null
                : query.order === 'newest'
                  ? { before: page.next }
                  : { after: page.next };
          }
          expect(pages).toEqual(wanted);
        }),
        { numRuns: 120 },
      );
    }));

  test('newest first goes back from the head, from page to page, to the first event', () =>
    withLog(make, async (log) => {
      await fill(log, 25);
      const first = await log.read({ order: 'newest', limit: 10 });
      expect(positionsOf(first.events)).toEqual(range(16, 25).reverse());
      expect(first.next).toBe(16);
      const last = await log.read({ order: 'newest', limit: 20, before: 16 });
      expect(positionsOf(last.events)).toEqual(range(1, 15).reverse());
      expect(last.next).toBeNull();
      expect(positionsOf(await readPages(log, { order: 'newest', limit: 4 }))).toEqual(
        range(1, 25).reverse(),
      );
    }));

  test('`since` and `until` go by when the log took an event in, whatever time the event says', () =>
    withLog(make, async (log) => {
      await log.append(draft({ time: '2099-01-01T00:00:00Z' }));
      const moment = await momentBetween();
      await log.append(draft({ time: '1999-01-01T00:00:00Z' }));
      expect(positionsOf(await readPages(log, { since: moment }))).toEqual([2]);
      expect(positionsOf(await readPages(log, { until: moment }))).toEqual([1]);
      expect(positionsOf(await readPages(log, { since: moment, until: moment }))).toEqual([]);
      expect(positionsOf(await readPages(log, { until: '1999-01-01T00:00:00+02:00' }))).toEqual([]);
    }));

  test('`after` and `before` leave out their own positions, and may leave nothing', () =>
    withLog(make, async (log) => {
      await fill(log, 10);
      expect(positionsOf((await log.read({ after: 3, before: 6 })).events)).toEqual([4, 5]);
      expect(await log.read({ after: 3, before: 4 })).toMatchObject({ events: [], next: null, head: 10 });
      expect(await log.read({ after: 6, before: 3 })).toMatchObject({ events: [], next: null });
      expect((await log.read({ before: 0 })).events).toEqual([]);
      expect(positionsOf((await log.read({ before: 1000, after: 8 })).events)).toEqual([9, 10]);
    }));
}

const SEGMENTS = ['tenant_a.apps', 'tenant_a.chat', 'tenant_b.apps', 'platform.hosts.one', 'platform.llm'];
const PATTERNS = [
  'tenant_a.*',
  'tenant_*.apps',
  '*.*',
  'platform.hosts.*',
  'tenant_b.apps',
  'never.*',
  'p*.l*m',
];
const TYPES = ['app_made', 'app_gone', 'said', 'Seen.At-1'];
const SUBJECTS = ['app/1', 'app/2', 'app/\u00fc', 'chat/1'];
const ACTORS = ['system', 'user:owner', 'app:0191e7c2-1111-7222-8333-444455556666', 'agent:\u00fc'];
const TENANTS = ['a', 'b', 'default'];
const MIXED = 150;

/** A moment, and the position of the last event before it. */
interface Moment {
  readonly time: string;
  readonly position: number;
}

/** Events of every kind in an order without pattern. @returns moments in between */
async function fillMixed(log: LogStore): Promise<Moment[]> {
  const moments: Moment[] = [];
  const pick = <T>(from: readonly T[], n: number): T => from[n % from.length] as T;
  for (const n of range(1, MIXED)) {
    if (n % 40 === 0) moments.push({ time: await momentBetween(), position: n - 1 });
    const mixed = (n * 7919) % 1013;
    await log.append(
      draft({
        segment: pick(SEGMENTS, mixed),
        type: pick(TYPES, mixed >> 2),
        subject: pick(SUBJECTS, mixed >> 1),
        actor: pick(ACTORS, mixed >> 3),
        tenant: pick(TENANTS, mixed >> 4),
        ...(mixed % 3 === 0 && { class: 'traffic' }),
        data: { n },
      }),
    );
  }
  return moments;
}

function queries(moments: readonly Moment[]): fc.Arbitrary<ReadQuery> {
  const some = (from: readonly string[]) => fc.subarray([...from], { maxLength: 3 });
  const moment = fc.constantFrom(...moments.map(({ time }) => time));
  const position = fc.nat(MIXED + 20);
  return fc.record(
    {
      segments: some([...PATTERNS, ...SEGMENTS]),
      types: some([...TYPES, 'never']),
      subject: fc.constantFrom(...SUBJECTS, 'never'),
      actor: fc.constantFrom(...ACTORS, 'user:never'),
      tenants: some([...TENANTS, 'never']),
      class: fc.constantFrom('office' as const, 'traffic' as const),
      after: position,
      before: position,
      since: moment,
      until: moment,
      order: fc.constantFrom('oldest' as const, 'newest' as const),
      limit: fc.integer({ min: 1, max: 60 }),
    },
    { requiredKeys: ['limit'] },
  );
}

/** What the words of `ReadQuery` mean, said once more in the simplest way. */
function passes(query: ReadQuery, event: StoredEvent, moments: readonly Moment[]): boolean {
  const at = (time: string) => moments.find((moment) => moment.time === time)?.position ?? 0;
  const asRegExp = (pattern: string) =>
    new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^.]*')}$`);
  const { segments, types, subject, actor, tenants, class: kind, after, before, since, until } = query;
  return (
    (segments === undefined || segments.some((pattern) => asRegExp(pattern).test(event.segment))) &&
    (types === undefined || types.includes(event.type)) &&
    (subject === undefined || subject === event.subject) &&
    (actor === undefined || actor === event.actor) &&
    (tenants === undefined || tenants.includes(event.tenant)) &&
    (kind === undefined || kind === (event.class ?? 'office')) &&
    (after === undefined || event.position > after) &&
    (before === undefined || event.position < before) &&
    (since === undefined || event.position > at(since)) &&
    (until === undefined || event.position <= at(until))
  );
}
