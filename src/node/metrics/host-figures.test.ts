import { expect, test } from 'vitest';
import { LATENCY_BOUNDS_MS } from '../../runner/index.ts';
import { type AppState, placementsOf } from '../../state/index.ts';
import { type AppNow, NO_FIGURES } from '../../supervisor/index.ts';
import { figuresOf, summedNow } from './host-figures.ts';

/** @param answers in the bucket with this index */
function now(
  app: string,
  bucket: number,
  answers: number,
  more: Partial<AppNow['now'] & object> = {},
): AppNow {
  const buckets = [...LATENCY_BOUNDS_MS, 0].map((_, index) => (index === bucket ? answers : 0));
  const point = {
    ...{ requests_per_sec: 1.5, errors_per_sec: 0.25, fuel_per_sec: 100, cpu_percent: 40, buckets },
    ...more,
  };
  return {
    app,
    state: 'running',
    now: point as AppNow['now'],
    total: { ...NO_FIGURES, restarts: 2 },
    memory_bytes: 1_000,
  };
}

test('on several hosts rates and memory add up, and latencies are those of all answers', () => {
  const sum = summedNow([
    now('a', 0, 98),
    now('a', 5, 2, { cpu_percent: 90.5 }),
    { ...now('a', 0, 0), now: null },
  ]);
  expect(sum).toEqual({
    requests_per_sec: 3,
    errors_per_sec: 0.5,
    fuel_per_sec: 200,
    p50_ms: expect.any(Number),
    p99_ms: expect.any(Number),
    cpu_percent: 130.5,
    memory_bytes: 3_000,
    restarts: 6,
  });
  expect(sum.p50_ms).toBeLessThanOrEqual(LATENCY_BOUNDS_MS[0]!);
  expect(sum.p99_ms).toBeGreaterThan(LATENCY_BOUNDS_MS[4]!);
  expect(sum.p99_ms).toBeLessThanOrEqual(LATENCY_BOUNDS_MS[5]!);
});

test('an app that no host speaks of has no figures', () => {
  expect(summedNow([])).toMatchObject({ requests_per_sec: 0, p50_ms: null, memory_bytes: null, restarts: 0 });
});

test('each host is asked once, and only what it says of an app that is placed there counts', async () => {
  const placed = (uuid: string, hosts: readonly string[]) =>
    ({
      uuid,
      ula: '',
      placements: new Map(
        hosts.map((supervisor) => [supervisor, { assignment: { supervisor, address: supervisor } }]),
      ),
    }) as unknown as AppState;
  const apps = [placed('a', ['one', 'two', 'away']), placed('b', ['two'])];
  expect(placementsOf(apps[0]!)).toHaveLength(3);
  const asked: string[] = [];
  const figures = await figuresOf(apps, {
    async metrics(host) {
      asked.push(host);
      return host === 'away' ? [] : [now('a', 0, 1), now('b', 0, 1)];
    },
  });
  expect(asked.sort()).toEqual(['away', 'one', 'two']);
  const hostsOf = (app: string) =>
    figures
      .get(app)
      ?.map(({ supervisor }) => supervisor)
      .sort();
  expect(hostsOf('a')).toEqual(['one', 'two']);
  expect(hostsOf('b')).toEqual(['two']);
});
