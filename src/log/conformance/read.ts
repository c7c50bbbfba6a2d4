import { expect, test } from 'vitest';
import type { EventFilter, LogStore } from '../log-store.ts';
import { codeOf, draft, type MakeLog, positionsOf, range, withLog } from './harness.ts';

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
      ]) {
        expect(await codeOf(log.read(query)), JSON.stringify(query)).toBe('query_invalid');
      }
      expect(await codeOf(log.append(draft(), { expectedPosition: -1 }))).toBe('query_invalid');
    }));
}
