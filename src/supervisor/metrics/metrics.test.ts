import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../kit/index.ts';
import { bucketName, bucketOf, LATENCY_BOUNDS_MS } from '../../runner/index.ts';
import { openAppHistory } from './app-history.ts';
import { gather, HOUR_MS, HOURS, pointOf, readChartQuery, type Span, STEP_MS } from './chart.ts';
import { figuresBetween, type RunnerCounters } from './counters.ts';
import { addFigures, type Figures, latencyAt, NO_FIGURES, SUMS } from './figures.ts';
import { openHistoryFile } from './history-file.ts';

const start = Date.parse('2026-11-21T10:00:00Z');
const figures = fc
  .record({
    ...(Object.fromEntries(SUMS.map((name) => [name, fc.nat(1000)])) as Record<
      (typeof SUMS)[number],
      fc.Arbitrary<number>
    >),
    buckets: fc.oneof(
      fc.constant([]),
      fc.array(fc.nat(50), {
        minLength: LATENCY_BOUNDS_MS.length + 1,
        maxLength: LATENCY_BOUNDS_MS.length + 1,
      }),
    ),
    memory_max_bytes: fc.nat(1000),
  })
  .map((made): Figures => made);
const spans = fc.array(fc.record({ at: fc.integer({ min: start, max: start + 5 * HOUR_MS }), figures }));
const sum = (all: readonly Span[]) =>
  all.reduce((total, span) => addFigures(total, span.figures), NO_FIGURES);
const plain = (value: Figures) => ({
  ...value,
  buckets: LATENCY_BOUNDS_MS.concat().map((_, index) => value.buckets[index] ?? 0),
});

describe('rolling up', () => {
  it('keeps the sum, whatever the steps are, and the order does not matter', () => {
    fc.assert(
      fc.property(spans, fc.constantFrom(STEP_MS, 60_000, HOUR_MS), (all, step) => {
        const rolled = gather(all, step);
        expect(plain(sum(rolled))).toEqual(plain(sum(all)));
        expect(plain(sum(gather(rolled, HOUR_MS)))).toEqual(plain(sum(all)));
        expect(gather(all.toReversed(), step).map(({ at, figures }) => [at, plain(figures)])).toEqual(
          rolled.map(({ at, figures }) => [at, plain(figures)]),
        );
        for (const { at } of rolled) expect(at % step).toBe(0);
      }),
    );
  });

  it('finds the bucket of a share as an oracle that sorts all times does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 40_000, noNaN: true }), { minLength: 1 }),
        fc.constantFrom(0.5, 0.9, 0.99),
        (times, share) => {
          const buckets = new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0);
          for (const time of times) buckets[bucketOf(time)]! += 1;
          const exact = times.toSorted((a, b) => a - b)[Math.ceil(share * times.length) - 1]!;
          const upper = LATENCY_BOUNDS_MS[Math.min(bucketOf(exact), LATENCY_BOUNDS_MS.length - 1)]!;
          const lower = LATENCY_BOUNDS_MS[bucketOf(exact) - 1] ?? 0;
          const found = latencyAt(buckets, share)!;
          expect(found).toBeGreaterThanOrEqual(lower);
          expect(found).toBeLessThanOrEqual(upper);
        },
      ),
    );
    expect(latencyAt([], 0.5)).toBeNull();
  });
});

describe('counters of runners', () => {
  it('give every request once and never a negative figure, over any replacements', () => {
    const looks = fc.array(fc.record({ replaced: fc.boolean(), more: fc.nat(50), seconds: fc.nat(20) }));
    fc.assert(
      fc.property(looks, (all) => {
        let before: RunnerCounters | null = null;
        let [count, at, startedAt, nonce, made, total] = [0, start, start, 0, 0, NO_FIGURES];
        for (const { replaced, more, seconds } of all) {
          at += seconds * 1000;
          if (replaced) [count, nonce, startedAt] = [0, nonce + 1, at];
          count += more;
          made += more;
          const stats = { http_requests: count, http_2xx: count, [bucketName(5)]: count };
          const now = { nonce: String(nonce), at, stats, cpu_ms: count * 2 };
          const between = figuresBetween(before, now, startedAt, 1000);
          for (const name of SUMS) expect(between[name]).toBeGreaterThanOrEqual(0);
          total = addFigures(total, between);
          before = now;
        }
        expect(total).toMatchObject({ requests: made, answers_2xx: made, cpu_ms: 2 * made });
        expect(total.buckets[LATENCY_BOUNDS_MS.indexOf(5)] ?? 0).toBe(made);
        expect(total.observed_ms).toBeLessThanOrEqual(at - start);
      }),
    );
  });

  it('give nothing where a program counts less than before', () => {
    const counters = (requests: number) => ({
      nonce: 'a',
      at: start,
      stats: { http_requests: requests },
      cpu_ms: 0,
    });
    expect(figuresBetween(counters(9), counters(4), start, null).requests).toBe(0);
  });
});

describe('the history of an app', () => {
  async function withFile(work: (directory: string, app: string) => Promise<void>) {
    const directory = await mkdtemp(join(tmpdir(), 'metrics-'));
    try {
      await work(directory, randomUUID());
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  it('has the same sum by the hour as all that was added, over supervisors that were killed', () =>
    withFile(async (directory, app) => {
      let now = start;
      const clock = { now: () => now };
      let added = 0;
      for (let life = 0; life < 4; life++) {
        const history = await openAppHistory(openHistoryFile(directory, app), clock, silentLogger());
        for (let step = 0; step < 100; step++) {
          now += 61_000; // every look is saved
          const counters = { nonce: 'a', at: now, stats: { http_requests: added + step }, cpu_ms: 0 };
          history.add({ ...NO_FIGURES, requests: step, observed_ms: 1 }, counters);
          added += step;
          await history.save();
        }
        // a kill -9 in the middle of a line
        await appendFile(join(directory, `${app}.metrics.jsonl`), '\n{"at":17,"figu');
      }
      const history = await openAppHistory(openHistoryFile(directory, app), clock, silentLogger());
      const hours = await history.spans({ from: start, to: now + HOUR_MS, step: HOUR_MS });
      expect(sum(hours).requests).toBe(added);
      expect(hours.length).toBe(Math.floor((now - start) / HOUR_MS) + 1);
      expect(history.counters?.stats).toEqual({ http_requests: added });
      // in memory there is the last hour, no more
      expect(history.recent(0)).toEqual([]);
    }));

  it('keeps 90 days, and a file that does not grow beyond them', () =>
    withFile(async (directory, app) => {
      const file = openHistoryFile(directory, app);
      const hours = HOURS + 2_000;
      for (let hour = 0; hour < hours; hour++) {
        const at = start + hour * HOUR_MS;
        await file.save({ at, figures: { ...NO_FIGURES, requests: 1 }, counters: null }, at);
      }
      const end = start + (hours - 1) * HOUR_MS;
      expect(await file.load(end)).toHaveLength(HOURS);
      const text = await readFile(join(directory, `${app}.metrics.jsonl`), 'utf8');
      expect(text.split('\n').filter((line) => line !== '').length).toBeLessThan(HOURS + 1_100);
    }));

  it('waits in memory for a disk that takes nothing', () =>
    withFile(async (directory, app) => {
      let now = start;
      let full = true;
      const file = openHistoryFile(directory, app);
      const faulty = {
        ...file,
        save: async (...args: Parameters<typeof file.save>) => {
          if (full) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
          await file.save(...args);
        },
      };
      const history = await openAppHistory(faulty, { now: () => now }, silentLogger());
      for (let hour = 0; hour < 3; hour++) {
        history.add({ ...NO_FIGURES, requests: 5, observed_ms: 1 }, null);
        await history.save({ now: true });
        now += HOUR_MS;
      }
      const all = { from: start, to: now + 1, step: HOUR_MS };
      expect(sum(await history.spans(all)).requests).toBe(15);
      full = false;
      await history.save({ now: true });
      expect(sum((await file.load(now)).map((line) => line)).requests).toBe(15);
    }));
});

describe('the query of a chart', () => {
  const read = (query: string) => readChartQuery(new URLSearchParams(query), start);

  it('is the last hour by steps of 10 s, or hours for what lies back', () => {
    expect(read('')).toEqual({ from: start - HOUR_MS, to: start, step: STEP_MS });
    expect(read('from=2026-11-01').step).toBe(HOUR_MS);
    expect(read('from=2026-11-01&step=86400').step).toBe(24 * HOUR_MS);
    expect(read('from=2026-11-21T09:30:00Z&step=60')).toEqual({
      from: start - HOUR_MS / 2,
      to: start,
      step: 60_000,
    });
  });

  it.each([
    'step=7',
    'step=0',
    'step=x',
    'from=2026-11-01&step=60',
    'from=once',
    'from=2026-11-22&to=2026-11-21',
    'from=1970-01-01&step=3600',
    'form=2026-11-21',
  ])('refuses %s with what, why and what to do', (query) => {
    expect(() => read(query)).toThrow(
      expect.objectContaining({
        code: 'query_invalid',
        status: 400,
        why: expect.any(String),
        hint: expect.any(String),
      }),
    );
  });

  it('tells rates over the time in which the app was seen', () => {
    const seen = { ...NO_FIGURES, observed_ms: 5_000, requests: 10, answers_5xx: 5, cpu_ms: 2_500 };
    expect(pointOf({ at: start, figures: seen })).toMatchObject({
      time: '2026-11-21T10:00:00.000Z',
      requests_per_sec: 2,
      errors_per_sec: 1,
      cpu_percent: 50,
      memory_bytes: null,
      p50_ms: null,
    });
  });
});
